"""One product for both inputs of the step, with the weights joined as [W_hh W_xh]."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    H = len(W_hh)
    slope = 1 - np.square(h_t)
    columns = (slope * dh_t).T
    back = columns.T @ np.hstack([W_hh, W_xh])
    gradient = columns @ np.hstack([h_prev, x_t])
    return back[:, H:], back[:, :H], gradient[:, H:], gradient[:, :H], np.sum(columns, axis=1)
