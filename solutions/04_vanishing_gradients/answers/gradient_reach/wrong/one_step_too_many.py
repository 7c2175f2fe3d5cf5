"""Every entry has one factor too many: the derivative of h_T with respect to itself is the identity, so the last entry is 1, equation 4.3."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    for t in range(T - 1, -1, -1):
        product = product @ ((1 - h[t] ** 2)[:, :, None] * W_hh)
        reach[t] = np.linalg.norm(product, ord=2, axis=(1, 2)).mean()
    return reach
