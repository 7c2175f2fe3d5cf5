"""The step from h_t to h_{t+1} uses the slope at h_t here; it passes through the tanh that makes h_{t+1}, equations 4.2 and 4.3."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    reach[T - 1] = 1
    for t in range(T - 2, -1, -1):
        product = product @ ((1 - h[t] ** 2)[:, :, None] * W_hh)
        reach[t] = np.linalg.norm(product, ord=2, axis=(1, 2)).mean()
    return reach
