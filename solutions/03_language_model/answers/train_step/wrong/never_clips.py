"""The gradients go to Adam as they came: clip them first."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h)
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    parameters, adam = adam_step(parameters, gradients, adam, lr)
    return loss, norm, h_last, parameters, adam
