"""This is the norm of powers of W_hh: the slopes 1 - h² of the tanh are left out, equations 4.2 and 4.3."""


def gradient_reach(h, W_hh):
    T = h.shape[0]
    powers = [np.linalg.matrix_power(W_hh, T - 1 - t) for t in range(T)]
    return np.array([np.linalg.norm(power, ord=2) for power in powers])
