"""W_hh is transposed inside W. Equation 1.9 takes both blocks as they are."""


def join_weights(W_xh, W_hh):
    return np.concatenate([W_hh.T, W_xh], axis=1)
