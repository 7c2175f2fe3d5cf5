"""Two results are swapped: db_x comes before db_h. They differ in the candidate's block; see equation 6.15."""


def gru_step_backward(dh_t, x_t, h_prev, gates_t, W_x, W_h):
    r, z, n, m = np.split(gates_t, 4, axis=1)
    dn = dh_t * (1 - z)
    dz = dh_t * (h_prev - n)
    da_n = dn * (1 - n**2)
    dr = da_n * m
    dm = da_n * r
    da_r = dr * r * (1 - r)
    da_z = dz * z * (1 - z)
    da_x = np.concatenate([da_r, da_z, da_n], axis=1)
    da_h = np.concatenate([da_r, da_z, dm], axis=1)
    dx_t = da_x @ W_x
    dh_prev = dh_t * z + da_h @ W_h
    return dx_t, dh_prev, da_x.T @ x_t, da_h.T @ h_prev, da_h.sum(axis=0), da_x.sum(axis=0)
