"""Dropout is in force after every layer, the last one too; it stands between layers only; see equation 7.3."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, states=None):
        last = []
        for layer, cell in enumerate(self.cells):
            state, h = None if states is None else states[layer], []
            for x_t in x:
                state = cell(x_t, state)
                h.append(state[0])
            x = self.dropout(torch.stack(h))
            last.append(state)
        return x, last
