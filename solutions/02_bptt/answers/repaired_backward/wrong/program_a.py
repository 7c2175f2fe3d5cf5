"""This is program A as found: it divides by 1 - h² where the slope multiplies (2.9), and it leaves out what comes from h_{t+1} (2.13)."""


def repaired_backward(dh, x, h0, h, W_hh):
    delta = dh / (1 - h**2)
    before = np.concatenate([h0[None], h[:-1]])
    dW_xh = np.einsum("tbi,tbd->id", delta, x)
    dW_hh = np.einsum("tbi,tbj->ij", delta, before)
    return dW_xh, dW_hh, delta.sum(axis=(0, 1))
