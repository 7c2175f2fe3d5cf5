"""The values are right and stand in reverse: reach[t] belongs to step t, so the last entry is 1 and the first is the longest way back."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.empty(T, dtype=h.dtype)
    product = np.broadcast_to(np.eye(H, dtype=h.dtype), (B, H, H)).copy()
    for t in range(T - 1, -1, -1):
        reach[T - 1 - t] = np.linalg.norm(product, ord=2, axis=(1, 2)).mean()
        product = product @ ((1 - h[t] ** 2)[:, :, None] * W_hh)
    return reach
