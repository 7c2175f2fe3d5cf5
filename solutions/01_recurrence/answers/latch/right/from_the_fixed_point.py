"""The recurrent weight worked out from the state to stay in, float32."""


def latch():
    stay = 0.9
    W_hh = np.arctanh(stay) / stay
    weights = np.array([3.0, W_hh, 0.0], dtype=np.float32)
    return weights[:1].reshape(1, 1), weights[1:2].reshape(1, 1), weights[2:]
