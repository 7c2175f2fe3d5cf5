"""Adam gets no state, so every step is its first and the averages never build up: hand it the state it returned last time."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h)
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    parameters, adam = adam_step(parameters, gradients, None, lr)
    return loss, norm, h_last, parameters, adam
