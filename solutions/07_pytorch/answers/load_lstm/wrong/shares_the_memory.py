"""The layer's weights share the arrays' memory: training the layer changes your NumPy weights. Copy them with `torch.tensor`."""


def load_lstm(W_x, W_h, b):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H)
    layer.weight_ih_l0 = nn.Parameter(torch.from_numpy(W_x))
    layer.weight_hh_l0 = nn.Parameter(torch.from_numpy(W_h))
    layer.bias_ih_l0 = nn.Parameter(torch.from_numpy(b))
    layer.bias_hh_l0 = nn.Parameter(torch.zeros_like(layer.bias_ih_l0))
    return layer
