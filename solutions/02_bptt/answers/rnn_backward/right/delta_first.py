"""First δ for all steps, then one product over time for each gradient."""


def rnn_backward(dh, x, h0, h, W_xh, W_hh):
    T, B, H = h.shape
    delta = np.zeros_like(h)
    delta[-1] = dh[-1] * (1 - h[-1] ** 2)
    for t in range(T - 2, -1, -1):
        delta[t] = (dh[t] + delta[t + 1] @ W_hh) * (1 - h[t] ** 2)
    before = np.concatenate([h0[None], h[:-1]])
    flat = delta.reshape(T * B, H)
    dW_xh = flat.T @ x.reshape(T * B, -1)
    dW_hh = flat.T @ before.reshape(T * B, H)
    return delta @ W_xh, delta[0] @ W_hh, dW_xh, dW_hh, flat.sum(axis=0)
