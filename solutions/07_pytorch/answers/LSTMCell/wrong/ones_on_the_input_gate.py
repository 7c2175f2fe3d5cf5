"""The input gate's bias starts at 1 and the forget gate's does not: the second block is the forget gate's; see equation 7.2."""


class LSTMCell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.W_x = nn.Parameter(torch.empty(4 * H, D))
        self.W_h = nn.Parameter(torch.empty(4 * H, H))
        self.b = nn.Parameter(torch.empty(4 * H))
        for p in self.parameters():
            nn.init.uniform_(p, -1 / H**0.5, 1 / H**0.5)
        nn.init.ones_(self.b[:H])

    def forward(self, x_t, state=None):
        if state is None:
            zeros = x_t.new_zeros(len(x_t), self.W_h.shape[1])
            state = zeros, zeros
        h_prev, c_prev = state
        a = x_t @ self.W_x.T + h_prev @ self.W_h.T + self.b
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
        c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()
        return a_o.sigmoid() * c_t.tanh(), c_t
