"""The forget gate's bias is raised by 1, as if a new network were started. Loaded weights are not to be changed."""


def load_lstm(W_x, W_h, b):
    b = b.copy()
    b[len(b) // 4 : len(b) // 2] += 1
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b),
            "bias_hh_l0": torch.zeros(4 * H),
        }
    )
    return layer
