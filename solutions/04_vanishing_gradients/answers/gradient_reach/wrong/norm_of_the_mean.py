"""This averages the matrices over the batch and then takes a norm, so opposite entries cancel. Take each sequence's norm first, then the mean, equation 4.3."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    for t in range(T - 1, -1, -1):
        reach[t] = np.linalg.norm(product.mean(axis=0), ord=2)
        product = product @ ((1 - h[t] ** 2)[:, :, None] * W_hh)
    return reach
