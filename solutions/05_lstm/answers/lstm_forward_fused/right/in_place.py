"""Buffers made once, sigmoid through tanh, `np.dot` for the products."""


def lstm_forward_fused(x, h0, c0, W_x, W_h, b):
    (T, B, D), H = x.shape, h0.shape[1]
    gates = np.dot(x.reshape(T * B, D), W_x.T).reshape(T, B, 4 * H) + b
    W = np.ascontiguousarray(W_h.T)
    h, c = np.empty((T, B, H), dtype=x.dtype), np.empty((T, B, H), dtype=x.dtype)
    a = np.empty((B, 4 * H), dtype=x.dtype)
    h_prev, c_prev = h0, c0
    for t in range(T):
        np.dot(h_prev, W, out=a)
        a += gates[t]
        np.tanh(a[:, 2 * H : 3 * H], out=a[:, 2 * H : 3 * H])
        for part in (a[:, : 2 * H], a[:, 3 * H :]):
            part *= 0.5
            np.tanh(part, out=part)
            part *= 0.5
            part += 0.5
        gates[t] = a
        i, f, g, o = np.split(a, 4, axis=1)
        c[t] = f * c_prev + i * g
        h[t] = o * np.tanh(c[t])
        h_prev, c_prev = h[t], c[t]
    return h, c, gates
