"""A pulse switches it on for its own step only: at the next the sum W_hh h + b_h is already below 0.55. W_hh is too small, or b_h too far below 0."""


def latch():
    return np.array([[3.0]]), np.array([[0.0]]), np.array([0.0])
