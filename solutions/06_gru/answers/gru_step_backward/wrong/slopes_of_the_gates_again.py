"""The sigmoid and the tanh are applied once more. The gates arrive after their nonlinearity: the slope is s (1 - s) or 1 - n² of what you are given; see equations 6.12 and 6.14."""


def gru_step_backward(dh_t, x_t, h_prev, gates_t, W_x, W_h):
    r, z, n, m = np.split(gates_t, 4, axis=1)
    dn = dh_t * (1 - z)
    dz = dh_t * (h_prev - n)
    da_n = dn * (1 - np.tanh(n) ** 2)
    dr = da_n * m
    dm = da_n * r
    da_r = dr * sigmoid(r) * (1 - sigmoid(r))
    da_z = dz * sigmoid(z) * (1 - sigmoid(z))
    da_x = np.concatenate([da_r, da_z, da_n], axis=1)
    da_h = np.concatenate([da_r, da_z, dm], axis=1)
    dx_t = da_x @ W_x
    dh_prev = dh_t * z + da_h @ W_h
    return dx_t, dh_prev, da_x.T @ x_t, da_h.T @ h_prev, da_x.sum(axis=0), da_h.sum(axis=0)
