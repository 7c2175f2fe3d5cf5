"""The full backward pass on a window for each loss."""


def rnn_backward_truncated(dh, x, h0, h, W_xh, W_hh, k):
    dx, dh0 = np.zeros_like(x), np.zeros_like(h0)
    totals = [np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hh[:, 0])]
    for t in range(len(h)):
        first = max(t - k, 0)
        start = h[first - 1] if first > 0 else h0
        only = np.zeros_like(h[first : t + 1])
        only[-1] = dh[t]
        dx_w, sent, *shares = rnn_backward(
            only, x[first : t + 1], start, h[first : t + 1], W_xh, W_hh
        )
        dx[first : t + 1] += dx_w
        if k > t:
            dh0 += sent
        totals = [total + share for total, share in zip(totals, shares, strict=True)]
    return dx, dh0, *totals
