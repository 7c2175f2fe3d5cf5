"""This multiplies the norms of the factors. That is the bound of equation 4.5; the norm of the product, equation 4.3, is smaller."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    size = np.ones(B, dtype=h.dtype)
    for t in range(T - 1, -1, -1):
        reach[t] = size.mean()
        J = (1 - h[t] ** 2)[:, :, None] * W_hh
        size = size * np.linalg.norm(J, ord=2, axis=(1, 2))
    return reach
