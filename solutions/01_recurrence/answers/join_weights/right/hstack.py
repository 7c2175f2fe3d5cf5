"""hstack puts blocks side by side."""


def join_weights(W_xh, W_hh):
    return np.hstack((W_hh, W_xh))
