"""The layer is made and handed back with its own random weights."""


def load_gru(W_x, W_h, b_x, b_h):
    return nn.GRU(W_x.shape[1], W_h.shape[1], dtype=torch.tensor(W_x).dtype)
