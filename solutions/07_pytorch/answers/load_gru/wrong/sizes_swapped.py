"""D and H are mixed up: the input size is the second axis of the input weights, the state size that of the recurrent ones."""


def load_gru(W_x, W_h, b_x, b_h):
    H, D = W_x.shape[1], W_h.shape[1]
    layer = nn.GRU(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b_x),
            "bias_hh_l0": torch.tensor(b_h),
        }
    )
    return layer
