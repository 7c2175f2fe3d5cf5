"""The norms of the arrays are added. The global norm is the root of the sum of all squares, equation 3.5."""


def clip_by_global_norm(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients.values())
    return {name: g * min(1.0, max_norm / norm) for name, g in gradients.items()}, norm
