"""The unit never goes on: its pulses push the state down. Look at the sign of W_xh."""


def latch():
    return np.array([[-5.0]]), np.array([[3.0]]), np.array([0.0])
