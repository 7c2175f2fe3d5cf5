"""The weights of each unit, one after the other."""


def join_weights(W_xh, W_hh):
    return np.array([[*of_state, *of_input] for of_state, of_input in zip(W_hh, W_xh, strict=True)])
