"""The layer is float32 whatever the dtype of the weights, so float64 inputs do not fit it."""


def load_rnn(W_xh, W_hh, b_h):
    D, H = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_xh),
            "weight_hh_l0": torch.tensor(W_hh),
            "bias_ih_l0": torch.tensor(b_h),
            "bias_hh_l0": torch.zeros(H),
        }
    )
    return layer
