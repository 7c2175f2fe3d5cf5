"""The blocks are stacked one below the other. W has one row for each unit: they belong side by side, see equation 1.9."""


def join_weights(W_xh, W_hh):
    return np.concatenate([W_hh, W_xh], axis=0)
