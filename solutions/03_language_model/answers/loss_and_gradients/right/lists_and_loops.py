"""Lists of states, gradients summed step by step."""


def loss_and_gradients(parameters, inputs, targets, h0):
    W_xh, W_hh, b_h, W_hy, b_y = (parameters[k] for k in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    T, B = inputs.shape
    states = [h0]
    for t in range(T):
        states.append(np.tanh(W_xh[:, inputs[t]].T + states[-1] @ W_hh.T + b_h))
    loss = 0.0
    sums = {name: np.zeros_like(value) for name, value in parameters.items()}
    dh = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        z = states[t + 1] @ W_hy.T + b_y
        z = z - z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        loss -= log_p[np.arange(B), targets[t]].sum() / (T * B)
        d = np.exp(log_p)
        d[np.arange(B), targets[t]] -= 1
        d /= T * B
        sums["W_hy"] += d.T @ states[t + 1]
        sums["b_y"] += d.sum(axis=0)
        da = (d @ W_hy + dh) * (1 - states[t + 1]) * (1 + states[t + 1])
        sums["b_h"] += da.sum(axis=0)
        sums["W_hh"] += da.T @ states[t]
        for n in range(B):
            sums["W_xh"][:, inputs[t, n]] += da[n]
        dh = da @ W_hh
    return loss, sums, states[-1].copy()
