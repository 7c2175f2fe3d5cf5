"""A pulse does not switch it on, not even a far stronger one: W_xh is 0 or negative. It must be positive."""


def latch():
    return np.array([[-5.0]]), np.array([[3.0]]), np.array([0.0])
