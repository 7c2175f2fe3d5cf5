"""The unit stays above 0, but settles below 0.5. The upper solution of equation 1.12 must itself be above 0.5."""


def latch():
    return np.array([[3.0]]), np.array([[1.05]]), np.array([0.0])
