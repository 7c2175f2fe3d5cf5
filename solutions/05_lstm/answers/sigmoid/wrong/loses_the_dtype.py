"""The values are right, but float32 comes back as float64: keep the dtype of a."""


def sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a.astype(np.float64))
