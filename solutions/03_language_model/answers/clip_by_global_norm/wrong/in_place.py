"""The gradients that were handed in are changed in place. Return a new dict with new arrays."""


def clip_by_global_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm
    return gradients, norm
