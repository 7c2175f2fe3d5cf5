"""A pulse at the first step switches it on, but one after a wait does not: by then b_h has pulled the state below 0, and the sum W_xh + W_hh h + b_h is too small there. W_xh must be larger, or b_h less negative."""


def latch():
    return np.array([[2.0]]), np.array([[3.0]]), np.array([-1.0])
