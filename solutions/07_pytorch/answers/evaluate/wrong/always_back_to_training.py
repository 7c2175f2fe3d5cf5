"""The model is always put into training mode afterwards; it goes back to the mode it came in."""


def evaluate(model, batches, device):
    model.eval()
    losses, state = [], None
    with torch.no_grad():
        for x, y in batches:
            loss, state = model(x.to(device), y.to(device), state)
            losses.append(loss)
    model.train()
    return torch.stack(losses).mean().item()
