"""It is on and off by turns before any pulse: W_hh is negative, which turns the state round at every step, and b_h starts it."""


def latch():
    return np.array([[3.0]]), np.array([[-3.0]]), np.array([1.0])
