"""The norm that is returned is the one after clipping. Return the one before: it is what tells an explosion."""


def clip_by_global_norm(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    scale = min(1.0, max_norm / norm)
    return {name: g * scale for name, g in gradients.items()}, norm * scale
