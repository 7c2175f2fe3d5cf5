"""The factors are multiplied in the wrong order: going back one step puts its Jacobian on the right of the product, equation 4.3."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    for t in range(T - 1, -1, -1):
        reach[t] = np.linalg.norm(product, ord=2, axis=(1, 2)).mean()
        product = ((1 - h[t] ** 2)[:, :, None] * W_hh) @ product
    return reach
