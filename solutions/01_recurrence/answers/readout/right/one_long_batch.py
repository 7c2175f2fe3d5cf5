"""All steps of all sequences as one long batch."""


def readout(h, W_hy, b_y):
    T, B, H = h.shape
    return (np.dot(h.reshape(T * B, H), W_hy.T) + b_y).reshape(T, B, -1)
