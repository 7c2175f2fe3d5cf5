"""The batches are not moved to the device."""


def evaluate(model, batches, device):
    was_training = model.training
    model.eval()
    losses, state = [], None
    with torch.no_grad():
        for x, y in batches:
            loss, state = model(x, y, state)
            losses.append(loss)
    model.train(was_training)
    return torch.stack(losses).mean().item()
