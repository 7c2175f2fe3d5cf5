"""One dict comprehension a line of the algorithm."""


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    state = state or {"step": 0, "m": {}, "v": {}}
    step = state["step"] + 1
    m = {n: beta1 * state["m"].get(n, 0 * g) + (1 - beta1) * g for n, g in gradients.items()}
    v = {n: beta2 * state["v"].get(n, 0 * g) + (1 - beta2) * g * g for n, g in gradients.items()}
    fix1, fix2 = 1 - beta1**step, 1 - beta2**step
    new = {n: p - lr * (m[n] / fix1) / (np.sqrt(v[n] / fix2) + eps) for n, p in parameters.items()}
    return new, {"step": step, "m": m, "v": v}
