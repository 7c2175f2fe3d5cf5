"""Every intermediate value with a name of its own."""


def train_step(parameters, adam, h, inputs, targets, lr, max_norm):
    loss, raw, h_last = loss_and_gradients(
        parameters=parameters, inputs=inputs, targets=targets, h0=h
    )
    clipped, norm = clip_by_global_norm(gradients=raw, max_norm=max_norm)
    new_parameters, new_adam = adam_step(
        parameters, clipped, adam, lr, beta1=0.9, beta2=0.999, eps=1e-8
    )
    return loss, norm, h_last, new_parameters, new_adam
