"""A pulse at the first step switches the unit on, but later ones do not: by then the state waits near -1, and the pulse cannot carry it past the unstable fixed point."""


def latch():
    return np.array([[2.0]]), np.array([[3.0]]), np.array([-1.0])
