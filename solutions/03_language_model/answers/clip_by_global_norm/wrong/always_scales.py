"""A short gradient is made longer. Only a norm above max_norm is shortened, equation 3.6."""


def clip_by_global_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / norm) for name, g in gradients.items()}, norm
