"""`model.eval()` is missing: dropout is in force while the model is judged."""


def evaluate(model, batches, device):
    was_training = model.training
    losses, state = [], None
    with torch.no_grad():
        for x, y in batches:
            loss, state = model(x.to(device), y.to(device), state)
            losses.append(loss)
    model.train(was_training)
    return torch.stack(losses).mean().item()
