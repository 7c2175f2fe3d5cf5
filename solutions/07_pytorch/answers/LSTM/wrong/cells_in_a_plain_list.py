"""The cells are kept in a plain Python list, so the module does not know them: `parameters()` leaves them out and no optimizer trains them. Use `nn.ModuleList`."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.cells = list(cells)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, states=None):
        last = []
        for layer, cell in enumerate(self.cells):
            if layer > 0:
                x = self.dropout(x)
            state, h = None if states is None else states[layer], []
            for x_t in x:
                state = cell(x_t, state)
                h.append(state[0])
            x = torch.stack(h)
            last.append(state)
        return x, last
