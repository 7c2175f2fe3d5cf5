"""Time outside, layers inside."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.layers = nn.ModuleList(cells)
        self.p = dropout

    def forward(self, x, states=None):
        states, out = list(states or [None] * len(self.layers)), []
        for x_t in x:
            for k, layer in enumerate(self.layers):
                if k:
                    x_t = nn.functional.dropout(x_t, self.p, self.training)
                states[k] = tuple(layer(x_t, states[k]))
                x_t = states[k][0]
            out.append(x_t)
        return torch.stack(out), states
