"""The orthogonal factors of a singular value decomposition, with all singular values set to one."""


def orthogonal(H, gain, rng):
    U, sizes, Vt = np.linalg.svd(rng.normal(size=(H, H)))
    return gain * (U @ Vt)
