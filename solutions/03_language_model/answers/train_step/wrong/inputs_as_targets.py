"""The network is trained to repeat the character that it has just read: the inputs are given as targets."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, inputs, h)
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    parameters, adam = adam_step(parameters, gradients, adam, lr)
    return loss, norm, h_last, parameters, adam
