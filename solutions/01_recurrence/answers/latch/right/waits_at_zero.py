"""No bias: the unit waits exactly at 0, which is unstable but undisturbed."""


def latch():
    return np.array([[2.0]]), np.array([[2.0]]), np.array([0.0])
