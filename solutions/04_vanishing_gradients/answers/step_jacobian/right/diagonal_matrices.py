"""One diagonal matrix a sequence, then a matrix product."""


def step_jacobian(h_t, W_hh):
    B, H = h_t.shape
    J = np.zeros((B, H, H), dtype=h_t.dtype)
    for n in range(B):
        J[n] = np.diag(1 - h_t[n] ** 2) @ W_hh
    return J
