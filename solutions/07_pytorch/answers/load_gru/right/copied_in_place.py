"""Parameters filled in place, without a record."""


def load_gru(W_x, W_h, b_x, b_h):
    layer = nn.GRU(W_x.shape[1], W_h.shape[1]).to(torch.as_tensor(W_x).dtype)
    arrays = (W_x, W_h, b_x, b_h)
    with torch.no_grad():
        for parameter, array in zip(layer.parameters(), arrays, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return layer
