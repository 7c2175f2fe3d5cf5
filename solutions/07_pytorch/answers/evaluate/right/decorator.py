"""torch.no_grad as a decorator, the loss as a number after each batch."""


@torch.no_grad()
def evaluate(model, batches, device):
    mode, total, count, state = model.training, 0.0, 0, None
    model.train(False)
    for batch in batches:
        x, y = (part.to(device) for part in batch)
        loss, state = model(x, y, state)
        total, count = total + loss.item(), count + 1
    model.train(mode)
    return total / count
