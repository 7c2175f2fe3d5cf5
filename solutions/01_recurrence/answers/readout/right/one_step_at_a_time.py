"""A loop over time, columns as on paper, transposed back."""


def readout(h, W_hy, b_y):
    logits = [(W_hy @ h_t.T + b_y[:, None]).T for h_t in h]
    return np.array(logits)
