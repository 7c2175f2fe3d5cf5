"""The unit is on during a pulse only: with W_hh = 0 nothing of the state reaches the next step."""


def latch():
    return np.array([[3.0]]), np.array([[0.0]]), np.array([0.0])
