"""The update gate's block is turned in sign, as for papers that write z for 1 - z. PyTorch's z keeps the old state, like ours; see equation 6.1."""


def load_gru(W_x, W_h, b_x, b_h):
    def turned(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([r, -z, n])

    W_x, W_h, b_x, b_h = (turned(array) for array in (W_x, W_h, b_x, b_h))
    D, H = W_x.shape[1], W_h.shape[1]
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
