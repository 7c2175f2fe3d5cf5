"""No earlier function: equation 1.5 with its own tanh, the right states beside it."""


def find_slips(claimed, x, h0, W_xh, W_hh, b_h):
    h, slip = np.empty_like(claimed), np.zeros(claimed.shape, dtype=bool)
    for t in range(len(x)):
        drive = x[t] @ W_xh.T + b_h
        h[t] = np.tanh(drive + (h[t - 1] if t else h0) @ W_hh.T)
        alone = np.tanh(drive + (claimed[t - 1] if t else h0) @ W_hh.T)
        slip[t] = (claimed[t] > alone + 0.005) | (claimed[t] < alone - 0.005)
    return h, slip
