"""The unit goes on and fades slowly. With W_hh at exactly 1 the only fixed point is still 0; it takes more for equation 1.12 to have three solutions."""


def latch():
    return np.array([[3.0]]), np.array([[1.0]]), np.array([0.0])
