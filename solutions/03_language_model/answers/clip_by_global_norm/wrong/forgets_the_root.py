"""The sum of squares is taken for the norm: the square root is missing, equation 3.5."""


def clip_by_global_norm(gradients, max_norm):
    norm = sum(np.sum(g**2) for g in gradients.values())
    return {name: g * min(1.0, max_norm / norm) for name, g in gradients.items()}, norm
