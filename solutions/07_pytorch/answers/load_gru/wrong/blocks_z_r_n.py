"""The blocks are put in the order z, r, n. PyTorch's order is r, z, n, like ours: nothing is to be moved."""


def load_gru(W_x, W_h, b_x, b_h):
    def blocks(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    W_x, W_h, b_x, b_h = (blocks(array) for array in (W_x, W_h, b_x, b_h))
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
