"""The chunk starts from a state of zeros, so what was read before is forgotten: start from h."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, np.zeros_like(h))
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    parameters, adam = adam_step(parameters, gradients, adam, lr)
    return loss, norm, h_last, parameters, adam
