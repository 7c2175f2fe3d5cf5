"""The state is not carried from step to step: every step starts from the layer's first state."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, states=None):
        last = []
        for layer, cell in enumerate(self.cells):
            if layer > 0:
                x = self.dropout(x)
            state, h = None if states is None else states[layer], []
            for x_t in x:
                end = cell(x_t, state)
                h.append(end[0])
            x = torch.stack(h)
            last.append(end)
        return x, last
