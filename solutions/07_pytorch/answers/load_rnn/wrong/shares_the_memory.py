"""The layer's weights share the arrays' memory: training the layer changes your NumPy weights. Copy them with `torch.tensor`."""


def load_rnn(W_xh, W_hh, b_h):
    D, H = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H)
    layer.weight_ih_l0 = nn.Parameter(torch.from_numpy(W_xh))
    layer.weight_hh_l0 = nn.Parameter(torch.from_numpy(W_hh))
    layer.bias_ih_l0 = nn.Parameter(torch.from_numpy(b_h))
    layer.bias_hh_l0 = nn.Parameter(torch.zeros_like(layer.bias_ih_l0))
    return layer
