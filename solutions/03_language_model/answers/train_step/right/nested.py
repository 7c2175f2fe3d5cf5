"""The same in two statements."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h.copy())
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    return loss, norm, h_last, *adam_step(parameters, clipped, adam, lr)
