"""The gradients are set to zero once an epoch, not before every `backward`, so each step also repeats those before it."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    optimizer.zero_grad()
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        state = tuple(part.detach() for part in state)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()
