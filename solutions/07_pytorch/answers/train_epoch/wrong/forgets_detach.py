"""The state is carried over with its history, so the second `backward` walks into the first batch's record, which is gone. Detach the state between batches."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()
