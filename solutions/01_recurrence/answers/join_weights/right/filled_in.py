"""An array made beforehand, its two blocks filled in."""


def join_weights(W_xh, W_hh):
    H, D = W_xh.shape
    W = np.empty((H, H + D), dtype=W_xh.dtype)
    W[:, :H] = W_hh
    W[:, H:] = W_xh
    return W
