"""All sweeps together: round j moves every loss that still has allowance one edge back."""


def rnn_backward_truncated(dh, x, h0, h, W_xh, W_hh, k):
    before = np.concatenate([h0[None], h[:-1]])
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[:, 0])
    arrived = dh
    for crossed in range(min(k, len(h) - 1) + 1):
        n = len(arrived)
        delta = arrived * (1 - h[:n] ** 2)
        dx[:n] += delta @ W_xh
        dW_xh += np.einsum("tbi,tbd->id", delta, x[:n])
        dW_hh += np.einsum("tbi,tbj->ij", delta, before[:n])
        db_h += delta.sum(axis=(0, 1))
        sent = delta @ W_hh
        if crossed < k:
            dh0 += sent[0]
        arrived = sent[1:]
    return dx, dh0, dW_xh, dW_hh, db_h
