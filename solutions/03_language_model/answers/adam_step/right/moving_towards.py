"""The averages as small moves towards the new value, on copies."""


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        step = 0
        m = {name: np.zeros_like(g) for name, g in gradients.items()}
        v = {name: np.zeros_like(g) for name, g in gradients.items()}
    else:
        step = state["step"]
        m = {name: a.copy() for name, a in state["m"].items()}
        v = {name: a.copy() for name, a in state["v"].items()}
    step += 1
    new = {}
    for name in parameters:
        g = gradients[name]
        m[name] += (1 - beta1) * (g - m[name])
        v[name] += (1 - beta2) * (g**2 - v[name])
        size = np.sqrt(v[name]) / (1 - beta2**step) ** 0.5 + eps
        new[name] = parameters[name] - lr / (1 - beta1**step) * m[name] / size
    return new, {"step": step, "m": m, "v": v}
