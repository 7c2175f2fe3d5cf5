"""The norm and the clipping written out; gradients set to None; the state detached before its use."""


def train_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    sum_of_losses, n, state = 0, 0, None
    for x, y in batches:
        if state is not None:
            state = [part.detach() for part in state]
        loss, state = model(x.to(device=device), y.to(device=device), state)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        norm = torch.sqrt(sum((g**2).sum() for g in gradients))
        if norm > max_norm:
            for g in gradients:
                g.mul_(max_norm / norm)
        optimizer.step()
        sum_of_losses, n = sum_of_losses + loss.detach(), n + 1
    return float(sum_of_losses) / n
