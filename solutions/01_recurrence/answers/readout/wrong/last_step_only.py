"""Only the last state is read out; wanted are the logits of every step, (T, B, K)."""


def readout(h, W_hy, b_y):
    return h[-1] @ W_hy.T + b_y
