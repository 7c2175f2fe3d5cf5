"""After a pulse it is on and off by turns: W_hh is negative, which turns the state round at every step."""


def latch():
    return np.array([[5.0]]), np.array([[-3.0]]), np.array([0.0])
