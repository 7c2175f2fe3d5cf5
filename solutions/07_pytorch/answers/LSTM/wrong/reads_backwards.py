"""It runs from the last step to the first."""


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
            for x_t in x.flip(0):
                state = cell(x_t, state)
                h.append(state[0])
            x = torch.stack(h[::-1])
            last.append(state)
        return x, last
