"""The weights are plain tensors, not `nn.Parameter`: `parameters()` does not list them, so an optimizer never trains them and `to` never moves them."""


class LSTMCell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        bound = 1 / H**0.5
        self.W_x = torch.empty(4 * H, D).uniform_(-bound, bound)
        self.W_h = torch.empty(4 * H, H).uniform_(-bound, bound)
        self.b = torch.empty(4 * H).uniform_(-bound, bound)
        self.b[H : 2 * H] = 1

    def forward(self, x_t, state=None):
        if state is None:
            zeros = x_t.new_zeros(len(x_t), self.W_h.shape[1])
            state = zeros, zeros
        h_prev, c_prev = state
        a = x_t @ self.W_x.T + h_prev @ self.W_h.T + self.b
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
        c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()
        return a_o.sigmoid() * c_t.tanh(), c_t
