"""It is on before any pulse, from the first step on: there the sum is b_h alone, and tanh(b_h) is above 0.5. b_h must not be positive."""


def latch():
    return np.array([[5.0]]), np.array([[3.0]]), np.array([1.0])
