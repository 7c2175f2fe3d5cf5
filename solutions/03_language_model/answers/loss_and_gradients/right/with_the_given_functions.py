"""Composed of the functions of chapters 01 and 02, on one-hot inputs."""


def loss_and_gradients(parameters, inputs, targets, h0):
    p = parameters
    T, B = inputs.shape
    V = p["W_xh"].shape[1]
    x = np.eye(V, dtype=h0.dtype)[inputs]
    h = rnn_forward(x, h0, p["W_xh"], p["W_hh"], p["b_h"])
    loss, dlogits = cross_entropy(readout(h, p["W_hy"], p["b_y"]), targets)
    dx, dh0, dW_xh, dW_hh, db_h = rnn_backward(dlogits @ p["W_hy"], x, h0, h, p["W_xh"], p["W_hh"])
    gradients = {
        "W_xh": dW_xh,
        "W_hh": dW_hh,
        "b_h": db_h,
        "W_hy": np.einsum("tbv,tbh->vh", dlogits, h),
        "b_y": dlogits.sum(axis=(0, 1)),
    }
    return loss, gradients, h[-1]
