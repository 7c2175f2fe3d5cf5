"""This is the transpose: entry (i, j) must say how unit i of h_t moves with unit j of h_{t-1}, not the other way round, equation 4.2."""


def step_jacobian(h_t, W_hh):
    return ((1 - h_t**2)[:, :, None] * W_hh).transpose(0, 2, 1)
