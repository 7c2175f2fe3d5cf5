"""Parameters filled in place, without a record."""


def load_lstm(W_x, W_h, b):
    layer = nn.LSTM(W_x.shape[1], W_h.shape[1]).to(torch.as_tensor(W_x).dtype)
    arrays = (W_x, W_h, b, np.zeros_like(b))
    with torch.no_grad():
        for parameter, array in zip(layer.parameters(), arrays, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return layer
