"""The unit goes on and then fades. With W_hh below 1 there is one fixed point only: look for the weight at which one crossing becomes three."""


def latch():
    return np.array([[3.0]]), np.array([[0.9]]), np.array([0.0])
