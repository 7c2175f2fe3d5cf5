"""torch.inference_mode, and the mode restored whatever happens."""


def evaluate(model, batches, device):
    training, state, losses = model.training, None, []
    model.eval()
    try:
        with torch.inference_mode():
            for x, y in batches:
                loss, state = model(x.to(device), y.to(device), state)
                losses += [loss.cpu()]
    finally:
        if training:
            model.train()
    return float(np.mean(losses))
