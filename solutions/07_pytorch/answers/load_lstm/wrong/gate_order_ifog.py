"""The blocks are put in the order i, f, o, g. PyTorch's order is i, f, g, o, like ours: nothing is to be moved."""


def load_lstm(W_x, W_h, b):
    def blocks(array):
        i, f, g, o = np.split(array, 4)
        return np.concatenate([i, f, o, g])

    W_x, W_h, b = blocks(W_x), blocks(W_h), blocks(b)
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
