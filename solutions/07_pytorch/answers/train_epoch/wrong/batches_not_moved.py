"""The batches are not moved to the device. On a machine with a GPU the model and its data then lie in two places."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    for x, y in batches:
        loss, state = model(x, y, state)
        state = tuple(part.detach() for part in state)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()
