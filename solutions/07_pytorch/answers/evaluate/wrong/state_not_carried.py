"""Every batch starts from no state; the next one starts from the state that the last one ended with."""


def evaluate(model, batches, device):
    was_training = model.training
    model.eval()
    losses, state = [], None
    with torch.no_grad():
        for x, y in batches:
            loss, state = model(x.to(device), y.to(device), None)
            losses.append(loss)
    model.train(was_training)
    return torch.stack(losses).mean().item()
