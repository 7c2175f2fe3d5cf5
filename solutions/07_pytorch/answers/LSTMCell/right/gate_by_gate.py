"""Each gate with its own rows of the weights; a list is returned."""


class LSTMCell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        bound = H**-0.5
        self.b = nn.Parameter(torch.empty(4 * H).uniform_(-bound, bound))
        self.W_h = nn.Parameter(torch.empty(4 * H, H).uniform_(-bound, bound))
        self.W_x = nn.Parameter(torch.empty(4 * H, D).uniform_(-bound, bound))
        self.b.data[H : 2 * H] = 1.0

    def gate(self, k, x_t, h):
        rows = slice(k * h.shape[1], (k + 1) * h.shape[1])
        return x_t @ self.W_x[rows].T + h @ self.W_h[rows].T + self.b[rows]

    def forward(self, x_t, state=None):
        nothing = torch.zeros_like(x_t[:, :1]).repeat(1, self.W_h.shape[1])
        h, c = (nothing, nothing) if state is None else state
        c_t = torch.sigmoid(self.gate(1, x_t, h)) * c
        c_t = c_t + torch.sigmoid(self.gate(0, x_t, h)) * torch.tanh(self.gate(2, x_t, h))
        return [torch.sigmoid(self.gate(3, x_t, h)) * torch.tanh(c_t), c_t]
