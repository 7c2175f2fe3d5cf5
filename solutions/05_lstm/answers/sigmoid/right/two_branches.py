"""Each sign by its own formula."""


def sigmoid(a):
    s = np.empty_like(a)
    positive = a >= 0
    s[positive] = 1 / (1 + np.exp(-a[positive]))
    e = np.exp(a[~positive])
    s[~positive] = e / (1 + e)
    return s
