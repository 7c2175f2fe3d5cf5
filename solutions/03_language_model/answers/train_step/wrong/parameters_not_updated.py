"""The parameters come back as they were: return those that Adam made."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, gradients, h_last = loss_and_gradients(parameters, inputs, targets, h)
    gradients, norm = clip_by_global_norm(gradients, max_norm)
    updated, adam = adam_step(parameters, gradients, adam, lr)
    return loss, norm, h_last, parameters, adam
