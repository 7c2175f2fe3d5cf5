"""Each gate's recurrent block is transposed. Both sides have the new state's units as rows: no transpose is needed."""


def load_lstm(W_x, W_h, b):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.cat([block.T for block in torch.tensor(W_h).chunk(4)]),
            "bias_ih_l0": torch.tensor(b),
            "bias_hh_l0": torch.zeros(4 * H),
        }
    )
    return layer
