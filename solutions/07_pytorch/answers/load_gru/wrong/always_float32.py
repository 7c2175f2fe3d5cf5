"""The layer is float32 whatever the dtype of the weights, so float64 inputs do not fit it."""


def load_gru(W_x, W_h, b_x, b_h):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.GRU(D, H)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b_x),
            "bias_hh_l0": torch.tensor(b_h),
        }
    )
    return layer
