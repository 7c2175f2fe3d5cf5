"""Every entry is cut to ±max_norm by itself. Clipping by the norm shrinks all entries by one factor, equation 3.6."""


def clip_by_global_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: np.clip(g, -max_norm, max_norm) for name, g in gradients.items()}, norm
