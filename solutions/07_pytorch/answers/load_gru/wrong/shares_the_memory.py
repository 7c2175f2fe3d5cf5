"""The layer's weights share the arrays' memory: training the layer changes your NumPy weights. Copy them with `torch.tensor`."""


def load_gru(W_x, W_h, b_x, b_h):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.GRU(D, H)
    layer.weight_ih_l0 = nn.Parameter(torch.from_numpy(W_x))
    layer.weight_hh_l0 = nn.Parameter(torch.from_numpy(W_h))
    layer.bias_ih_l0 = nn.Parameter(torch.from_numpy(b_x))
    layer.bias_hh_l0 = nn.Parameter(torch.from_numpy(b_h))
    return layer
