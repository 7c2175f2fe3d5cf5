"""`retain_graph=True` hides what the missing `detach` causes: the second `backward` walks through the first batch again, whose weights have changed since. Detach the state between batches."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()
