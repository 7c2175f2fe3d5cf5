"""The layer is made and handed back with its own random weights."""


def load_lstm(W_x, W_h, b):
    return nn.LSTM(W_x.shape[1], W_h.shape[1], dtype=torch.tensor(W_x).dtype)
