"""Zeros, then the diagonal written in."""


def scaled_identity(H, gain):
    W = np.zeros((H, H))
    for i in range(H):
        W[i, i] = gain
    return W
