"""This is the transpose of W: equation 1.9 is for columns, and W has the shape (H, H + D)."""


def join_weights(W_xh, W_hh):
    return np.concatenate([W_hh.T, W_xh.T])
