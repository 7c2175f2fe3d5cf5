"""Linear functions, split by size, stack of zeros."""


class LSTMCell(nn.Module):
    def __init__(self, D, H):
        super().__init__()
        self.H = H
        for name, shape in (("W_x", (4 * H, D)), ("W_h", (4 * H, H)), ("b", (4 * H,))):
            self.register_parameter(name, nn.Parameter((2 * torch.rand(shape) - 1) / H**0.5))
        with torch.no_grad():
            self.b[H : 2 * H] = 1

    def forward(self, x_t, state=None):
        if state is None:
            h_prev, c_prev = torch.zeros(
                2, x_t.shape[0], self.H, dtype=x_t.dtype, device=x_t.device
            )
        else:
            h_prev, c_prev = state
        sums = nn.functional.linear(x_t, self.W_x, self.b) + nn.functional.linear(h_prev, self.W_h)
        i, f, g, o = torch.split(sums, self.H, dim=-1)
        c_t = torch.sigmoid(f) * c_prev + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c_t), c_t
