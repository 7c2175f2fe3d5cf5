"""The blocks are in the wrong order: in equation 1.9 the state stands above the input, so the first H columns belong to it."""


def join_weights(W_xh, W_hh):
    return np.concatenate([W_xh, W_hh], axis=1)
