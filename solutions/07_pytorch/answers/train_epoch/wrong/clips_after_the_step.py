"""The step is taken with gradients that are not clipped: clip after `backward` and before `step`."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    losses, state = [], None
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        state = tuple(part.detach() for part in state)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        losses.append(loss.detach())
    return torch.stack(losses).mean().item()
