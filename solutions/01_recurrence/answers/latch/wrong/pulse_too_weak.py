"""A pulse does not switch it on: W_xh is positive, but the sum W_xh + W_hh h + b_h at a pulse stays below 0.55, which would make a state of 0.5. Either W_xh is too small or b_h too far below 0."""


def latch():
    return np.array([[3.0]]), np.array([[3.0]]), np.array([-3.0])
