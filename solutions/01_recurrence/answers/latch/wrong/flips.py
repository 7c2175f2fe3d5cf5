"""After the pulse the unit is on and off by turns: a negative W_hh turns the state round at every step."""


def latch():
    return np.array([[5.0]]), np.array([[-3.0]]), np.array([0.0])
