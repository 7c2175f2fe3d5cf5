"""Only a pulse at the first step switches it on, and only for that step. After a wait the state lies below 0 and W_xh is too small to lift it; and after the pulse W_hh h + b_h is too small to keep it on. Mostly b_h is too far below 0."""


def latch():
    return np.array([[4.0]]), np.array([[0.5]]), np.array([-3.0])
