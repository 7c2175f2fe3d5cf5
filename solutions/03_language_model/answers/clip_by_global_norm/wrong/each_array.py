"""Every array is clipped by its own norm. That turns the direction of the whole gradient; use one norm over all of them, equation 3.6."""


def clip_by_global_norm(gradients, max_norm):
    clipped, squares = {}, 0.0
    for name, g in gradients.items():
        squares += np.sum(g**2)
        clipped[name] = g * min(1.0, max_norm / np.linalg.norm(g))
    return clipped, np.sqrt(squares)
