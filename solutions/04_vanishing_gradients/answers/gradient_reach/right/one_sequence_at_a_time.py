"""Each sequence and each pair of steps by itself, from the definition; slow and plain."""


def gradient_reach(h, W_hh):
    T, B, H = h.shape
    reach = np.zeros(T, dtype=h.dtype)
    for n in range(B):
        for t in range(T):
            product = np.eye(H, dtype=h.dtype)
            for s in range(t + 1, T):
                product = np.diag(1 - h[s, n] ** 2) @ W_hh @ product
            reach[t] += np.linalg.svd(product, compute_uv=False)[0] / B
    return reach
