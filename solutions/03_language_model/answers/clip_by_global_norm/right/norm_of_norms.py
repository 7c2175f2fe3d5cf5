"""The norm of the vector of the norms is the global norm, too."""


def clip_by_global_norm(gradients, max_norm):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients.values()])
    clipped = {}
    for name, g in gradients.items():
        clipped[name] = g / max(1.0, norm / max_norm)
    return clipped, norm
