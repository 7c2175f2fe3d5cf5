"""The layer is float32 whatever the dtype of the weights, so float64 inputs do not fit it."""


def load_lstm(W_x, W_h, b):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b),
            "bias_hh_l0": torch.zeros(4 * H),
        }
    )
    return layer
