"""Larger weights, as integers: nearly a digital switch."""


def latch():
    return np.array([[8]]), np.array([[4]]), np.array([-2])
