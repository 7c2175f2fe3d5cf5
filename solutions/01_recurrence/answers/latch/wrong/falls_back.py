"""The unit goes on and falls back after a step or two: with this bias the curve meets the line of no change only once, far down, so there is no upper state to stay in."""


def latch():
    return np.array([[5.0]]), np.array([[2.0]]), np.array([-1.0])
