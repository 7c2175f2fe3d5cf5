"""Markers by comparing every step with the drawn ones; the target as a masked sum."""


def adding_problem(T, B, rng):
    half = T // 2
    steps = np.arange(T)[:, None]
    first = np.floor(rng.random(B) * half)
    second = half + np.floor(rng.random(B) * (T - half))
    markers = ((steps == first) | (steps == second)).astype(float)
    values = rng.random((T, B))
    x = np.concatenate([values[..., None], markers[..., None]], axis=2)
    return x, (values * markers).sum(axis=0)
