"""The layer expects the batch first. Here time comes first, as in all our code and by PyTorch's default."""


def load_rnn(W_xh, W_hh, b_h):
    D, H = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H, batch_first=True, dtype=torch.tensor(W_xh).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_xh),
            "weight_hh_l0": torch.tensor(W_hh),
            "bias_ih_l0": torch.tensor(b_h),
            "bias_hh_l0": torch.zeros(H),
        }
    )
    return layer
