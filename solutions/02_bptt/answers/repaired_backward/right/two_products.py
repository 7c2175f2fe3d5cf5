"""The sums over time as single matrix products."""


def repaired_backward(dh, x, h0, h, W_hh):
    T, B, H = h.shape
    slope = 1 - h * h
    delta = dh * slope
    for t in range(T - 1, 0, -1):
        delta[t - 1] += (delta[t] @ W_hh) * slope[t - 1]
    rows = delta.reshape(-1, H).T
    states = np.vstack([h0, h[:-1].reshape(-1, H)])
    return rows @ x.reshape(T * B, -1), rows @ states, rows.sum(axis=1)
