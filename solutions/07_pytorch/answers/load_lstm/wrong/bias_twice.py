"""The bias counts twice: PyTorch adds its two biases, so give it to one of them and zeros to the other; see equation 7.1."""


def load_lstm(W_x, W_h, b):
    D, H = W_x.shape[1], W_h.shape[1]
    layer = nn.LSTM(D, H, dtype=torch.tensor(W_x).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_x),
            "weight_hh_l0": torch.tensor(W_h),
            "bias_ih_l0": torch.tensor(b),
            "bias_hh_l0": torch.tensor(b),
        }
    )
    return layer
