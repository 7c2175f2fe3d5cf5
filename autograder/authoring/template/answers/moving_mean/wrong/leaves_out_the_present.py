"""The mean at step t stops one value short: the sum runs up to and including x_t."""


def moving_mean(x):
    m = np.zeros_like(x)
    for t in range(1, len(x)):
        m[t] = x[:t].mean()
    return m
