"""A buffer of states, and one dropout module for each gap."""


class LSTM(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.stack = nn.Sequential(*cells)
        gaps = [nn.Dropout(dropout) for _ in cells[1:]]
        self.gaps = nn.ModuleList([nn.Identity(), *gaps])

    def forward(self, x, states=None):
        ends = []
        for k, (gap, cell) in enumerate(zip(self.gaps, self.stack, strict=True)):
            pair, rows = (states[k] if states else None), ()
            for x_t in gap(x).unbind(0):
                pair = cell(x_t, pair)
                rows += (pair[0][None],)
            x = torch.cat(rows)
            ends += [pair]
        return x, ends
