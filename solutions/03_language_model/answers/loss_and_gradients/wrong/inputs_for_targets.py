"""The loss asks for the characters that were read, `inputs`. It asks for the ones that come next, `targets`."""


def loss_and_gradients(parameters, inputs, targets, h0):
    p = parameters
    T, B = inputs.shape
    h = np.empty((T + 1, B, len(p["b_h"])), dtype=h0.dtype)
    h[0] = h0
    for t in range(T):
        h[t + 1] = np.tanh(p["W_xh"].T[inputs[t]] + h[t] @ p["W_hh"].T + p["b_h"])
    logits = h[1:] @ p["W_hy"].T + p["b_y"]
    probabilities = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities /= probabilities.sum(axis=-1, keepdims=True)
    rows, columns = np.arange(T)[:, None], np.arange(B)
    loss = -np.log(probabilities[rows, columns, inputs]).mean()
    dlogits = probabilities.copy()
    dlogits[rows, columns, inputs] -= 1
    dlogits /= T * B
    dh_out = dlogits @ p["W_hy"]
    da = np.empty_like(h[1:])
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        da[t] = (dh_out[t] + dh_next) * (1 - h[t + 1] ** 2)
        dh_next = da[t] @ p["W_hh"]
    over = ((0, 1), (0, 1))
    gradients = {
        "W_hh": np.tensordot(da, h[:-1], over),
        "b_h": da.sum(axis=(0, 1)),
        "W_hy": np.tensordot(dlogits, h[1:], over),
        "b_y": dlogits.sum(axis=(0, 1)),
    }
    gradients["W_xh"] = np.zeros_like(p["W_xh"])
    np.add.at(gradients["W_xh"].T, inputs, da)
    return loss, gradients, h[-1]
