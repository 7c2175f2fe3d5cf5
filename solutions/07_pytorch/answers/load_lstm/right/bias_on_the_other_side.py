"""The bias in bias_hh_l0, zeros in bias_ih_l0: only the sum counts."""


def load_lstm(W_x, W_h, b):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.zeros(4 * H),
            "bias_hh_l0": torch.tensor(b),
        }
    )
    return layer
