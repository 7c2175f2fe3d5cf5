"""The bias counts twice: PyTorch adds its two biases, so give it to one of them and zeros to the other; see equation 7.1."""


def load_rnn(W_xh, W_hh, b_h):
    D, H = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H, dtype=torch.tensor(W_xh).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_xh),
            "weight_hh_l0": torch.tensor(W_hh),
            "bias_ih_l0": torch.tensor(b_h),
            "bias_hh_l0": torch.tensor(b_h),
        }
    )
    return layer
