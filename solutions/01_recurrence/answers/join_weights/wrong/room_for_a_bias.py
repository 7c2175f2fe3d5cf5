"""There is a column of zeros for a bias. Equation 1.9 joins the two weights and nothing else."""


def join_weights(W_xh, W_hh):
    return np.hstack([W_hh, W_xh, np.zeros((len(W_hh), 1), W_hh.dtype)])
