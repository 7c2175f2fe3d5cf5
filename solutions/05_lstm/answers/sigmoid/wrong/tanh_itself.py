"""This is tanh, which runs from -1 to 1. A gate runs from 0 (closed) to 1 (open); equation 5.5."""


def sigmoid(a):
    return np.tanh(a)
