"""b_x and b_h are exchanged. They differ in the candidate: r multiplies b_h only; see equations 6.3 and 6.4."""


def load_gru(W_x, W_h, b_x, b_h):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.GRU(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b_h),
            "bias_hh_l0": torch.tensor(b_x),
        }
    )
    return layer
