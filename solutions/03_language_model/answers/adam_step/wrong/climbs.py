"""The sign is wrong: this walks up the gradient. Subtract, equation 3.10."""


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        zeros = {name: np.zeros_like(p) for name, p in parameters.items()}
        state = {"step": 0, "m": zeros, "v": zeros}
    step = state["step"] + 1
    new, m, v = {}, {}, {}
    for name, g in gradients.items():
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * g**2
        m_hat = m[name] / (1 - beta1**step)
        v_hat = v[name] / (1 - beta2**step)
        new[name] = parameters[name] + lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, {"step": step, "m": m, "v": v}
