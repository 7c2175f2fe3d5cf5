"""Dropout is in force in evaluation, too: `nn.functional.dropout` does not know whether the module is training. Use `nn.Dropout`."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.p = dropout

    def forward(self, x, states=None):
        last = []
        for layer, cell in enumerate(self.cells):
            if layer > 0:
                x = nn.functional.dropout(x, self.p)
            state, h = None if states is None else states[layer], []
            for x_t in x:
                state = cell(x_t, state)
                h.append(state[0])
            x = torch.stack(h)
            last.append(state)
        return x, last
