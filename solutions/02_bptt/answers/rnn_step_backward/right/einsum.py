"""Every index written out."""


def rnn_step_backward(dh_t, x_t, h_prev, h_t, W_xh, W_hh):
    delta = (1 - h_t) * (1 + h_t) * dh_t
    dx_t = np.einsum("ni,id->nd", delta, W_xh)
    dh_prev = np.einsum("ni,ij->nj", delta, W_hh)
    dW_xh = np.einsum("ni,nd->id", delta, x_t)
    dW_hh = np.einsum("ni,nj->ij", delta, h_prev)
    return dx_t, dh_prev, dW_xh, dW_hh, np.einsum("ni->i", delta)
