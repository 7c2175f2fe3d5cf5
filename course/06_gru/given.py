"""What earlier chapters built and this one uses. Import it: `from given import …`."""

import numpy as np


# from 02_bptt
def numerical_gradient(f, x, eps=1e-6):
    """Gradient of f at x by central differences, equation 2.4.

    f: takes an array like x, returns one number. x: floats of any shape. eps: the step.
    Returns an array of the shape of x.
    """
    gradient = np.empty_like(x)
    moved = x.copy()
    for i in np.ndindex(x.shape):
        moved[i] = x[i] + eps
        up = f(moved)
        moved[i] = x[i] - eps
        down = f(moved)
        moved[i] = x[i]
        gradient[i] = (up - down) / (2 * eps)
    return gradient


def relative_error(a, b):
    """Largest difference of two arrays relative to their largest entry, equation 2.5.

    a, b: arrays of one shape. Returns one number; 0.0 where both arrays are 0 everywhere.
    """
    scale = max(np.abs(a).max(), np.abs(b).max())
    if scale == 0:
        return 0.0
    return np.abs(a - b).max() / scale


# from 03_language_model
def encode(text, vocabulary):
    """Ids of the characters of text: their positions in vocabulary. Returns (N,) int64."""
    ids = {character: i for i, character in enumerate(vocabulary)}
    return np.array([ids[character] for character in text], dtype=np.int64)


def clip_by_global_norm(gradients, max_norm):
    """Shorten gradients whose joint norm exceeds max_norm, equations 3.5 and 3.6.

    gradients: dict of arrays, left as they are. Returns clipped (a dict with the same keys, shapes
    and dtypes) and norm (before clipping).
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: g * scale for name, g in gradients.items()}, norm


def adam_step(parameters, gradients, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of Adam, equations 3.7 to 3.10.

    parameters, gradients: dicts of arrays with the same keys. state: None, or what this returned.
    Returns new parameters and the new state, a dict of step (int), m and v (dicts of arrays).
    All arrays keep the dtype of the parameters, if lr is a Python float.
    """
    if state is None:
        zeros = {name: np.zeros_like(p) for name, p in parameters.items()}
        state = {"step": 0, "m": zeros, "v": zeros}
    step = state["step"] + 1
    updated, m, v = {}, {}, {}
    for name, g in gradients.items():
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * g**2
        m_hat = m[name] / (1 - beta1**step)
        v_hat = v[name] / (1 - beta2**step)
        updated[name] = parameters[name] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return updated, {"step": step, "m": m, "v": v}


# from 04_vanishing_gradients
def orthogonal(H, gain, rng):
    """A random orthogonal matrix times gain, equation 4.6.

    H: size. gain: every singular value. rng: numpy.random.Generator. Returns (H, H) float64.
    """
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return gain * Q


def adding_problem(T, B, rng):
    """A batch of the adding problem, equation 4.8.

    T: steps, at least 2. B: sequences. rng: numpy.random.Generator.
    Returns x (T, B, 2), values in x[..., 0] and markers in x[..., 1], and y (B,), both float64.
    """
    values = rng.uniform(size=(T, B))
    markers = np.zeros((T, B))
    sequence = np.arange(B)
    first = rng.integers(0, T // 2, size=B)
    second = rng.integers(T // 2, T, size=B)
    markers[first, sequence] = 1
    markers[second, sequence] = 1
    y = values[first, sequence] + values[second, sequence]
    return np.stack([values, markers], axis=-1), y


# from 05_lstm
def sigmoid(a):
    """The sigmoid 1 / (1 + exp(-a)), stable for every float, equations 5.5 and 5.6.

    a: floats of any shape. Returns an array of the same shape and dtype.
    """
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


class FastLSTM:
    """Forward and backward pass of an LSTM with every buffer made once.

    T, B, D, H: the sizes of all batches to come. dtype: of every array.
    What the passes return are these buffers: the next call overwrites them.
    """

    names = ("W_x", "W_h", "b")

    def __init__(self, T, B, D, H, dtype=np.float32):
        self.h, self.c = np.zeros((2, T + 1, B, H), dtype)  # h[t + 1] comes after step t
        self.gates, self.slopes = np.empty((2, T, 4, B, H), dtype)
        self.tanh_c, self.into_cell = np.empty((2, T, B, H), dtype)
        self.da = np.empty((T, B, 4 * H), dtype)
        self.half = np.array([0.5, 0.5, 1, 0.5], dtype).reshape(4, 1, 1)  # g is no sigmoid
        self.scale = np.broadcast_to(self.half, (4, B, H)).copy()
        # each step's parts of the buffers, cut once
        by_gate = self.da.reshape(T, B, 4, H).transpose(0, 2, 1, 3)
        i, f, g, o = self.gates.transpose(1, 0, 2, 3)
        before, after = (self.h[:-1], self.c[:-1]), (self.c[1:], self.tanh_c, self.h[1:])
        self.forwards = list(zip(*before, self.gates, i, f, g, o, *after, strict=True))
        parts = (self.slopes[:, :3], self.slopes[:, 3], by_gate[:, :3], by_gate[:, 3])
        self.backwards = list(zip(self.into_cell, *parts, self.da, f, strict=True))[::-1]

    def forward(self, x, h0, c0, W_x, W_h, b):
        """Arguments as of lstm_forward. Returns h and c, (T, B, H)."""
        self.x, self.W_x, self.W_h = x, W_x, W_h
        (T, B, D), H = x.shape, W_h.shape[1]
        self.h[0], self.c[0] = h0, c0
        W_x, W_h, b = (self.half * part.reshape(4, H, -1) for part in (W_x, W_h, b))
        from_input = (x.reshape(T * B, D) @ W_x.reshape(4 * H, D).T).reshape(T, B, 4, H)
        np.add(from_input.transpose(0, 2, 1, 3), b.transpose(0, 2, 1), out=self.gates)
        W = np.ascontiguousarray(W_h.transpose(0, 2, 1))
        scale, shift, from_state = self.scale, 1 - self.scale, np.empty_like(self.scale)
        product = np.empty_like(self.c[0])
        for h_before, c_before, a, i, f, g, o, c, tanh_c, h in self.forwards:
            a += np.matmul(h_before, W, out=from_state)  # all four gates
            np.tanh(a, out=a)
            a *= scale
            a += shift
            np.multiply(f, c_before, out=c)
            c += np.multiply(i, g, out=product)
            np.tanh(c, out=tanh_c)
            np.multiply(o, tanh_c, out=h)
        return self.h[1:], self.c[1:]

    def backward(self, dh):
        """dh: (T, B, H). Returns dx, dh0, dc0, dW_x, dW_h, db for the last forward pass."""
        T, B, H = dh.shape
        i, f, g, o = self.gates.transpose(1, 0, 2, 3)
        np.multiply(self.gates, 1 - self.gates, out=self.slopes)  # of the sigmoids
        for k, factor in ((0, g), (1, self.c[:-1]), (3, self.tanh_c)):
            self.slopes[:, k] *= factor
        np.multiply(i, 1 - g * g, out=self.slopes[:, 2])
        np.multiply(o, 1 - self.tanh_c * self.tanh_c, out=self.into_cell)
        dh_t, dc, product = np.zeros((3, B, H), dh.dtype)
        for dh_out, (into_cell, slopes, slope_o, da_ifg, da_o, da, f) in zip(
            dh[::-1], self.backwards, strict=True
        ):
            dh_t += dh_out  # (5.19)
            dc += np.multiply(dh_t, into_cell, out=product)  # (5.12)
            np.multiply(slopes, dc, out=da_ifg)  # (5.13) to (5.15)
            np.multiply(slope_o, dh_t, out=da_o)  # (5.16)
            np.matmul(da, self.W_h, out=dh_t)  # (5.17)
            dc *= f
        da = self.da.reshape(T * B, 4 * H)
        dW_x = da.T @ self.x.reshape(T * B, -1)  # (5.20), one product each
        dW_h = da.T @ self.h[:-1].reshape(T * B, H)
        return (da @ self.W_x).reshape(self.x.shape), dh_t, dc, dW_x, dW_h, da.sum(axis=0)

    def states(self, x, p):
        """h (T, B, H) from zero states, with the weights in the dict p."""
        return self.forward(x, 0, 0, *(p[name] for name in self.names))[0]

    def gradients(self, dh):
        """The weights' gradients (dict) for the last call of states."""
        return dict(zip(self.names, self.backward(dh)[3:], strict=True))


class FastRNN:
    """Forward and backward pass of a tanh RNN, like FastLSTM."""

    names = ("W_x", "W_h", "b")

    def __init__(self, T, B, D, H, dtype=np.float32):
        self.h, self.da = np.zeros((T + 1, B, H), dtype), np.empty((T, B, H), dtype)

    def states(self, x, p):
        """h (T, B, H) from a zero state, with the weights in the dict p."""
        self.x, self.p, h = x, p, self.h
        from_input = x @ p["W_x"].T + p["b"]
        for t, a in enumerate(from_input):
            a += h[t] @ p["W_h"].T
            np.tanh(a, out=h[t + 1])
        return h[1:]

    def gradients(self, dh):
        """The weights' gradients (dict) for the last call of states."""
        slope, dh_next = 1 - self.h[1:] ** 2, 0
        for t in reversed(range(len(dh))):
            np.multiply(dh[t] + dh_next, slope[t], out=self.da[t])
            dh_next = self.da[t] @ self.p["W_h"]
        H = dh.shape[2]
        da = self.da.reshape(-1, H)
        products = (da.T @ self.x.reshape(len(da), -1), da.T @ self.h[:-1].reshape(-1, H))
        return dict(zip(self.names, (*products, da.sum(axis=0)), strict=True))


EDGES = {  # the graph: from each place the letters and where they lead
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", None),),
}


LETTERS = "BTPSXVE"


def embedded_reber(rng):
    """A string of the embedded Reber grammar, and for each letter after the first the legal ones."""
    outer = "TP"[rng.integers(2)]
    text, legal, node = "B" + outer, ["TP", "B"], 0
    while node is not None:
        edges = EDGES[node]
        letter, node = edges[rng.integers(len(edges))]
        text += letter
        legal.append("".join(name for name, _ in EDGES[node]) if node is not None else outer)
    return text + outer + "E", [*legal, "E"]


def reber_batch(B, rng, T=30):
    """B strings of at most T + 1 letters (longer ones are drawn again).

    Returns x (T, B, 7) one-hot, targets (T, B) int, present (T, B), legal (T, B, 7) bool.
    """
    x, targets = np.zeros((T, B, 7), np.float32), np.zeros((T, B), int)
    present, legal = np.zeros((T, B), np.float32), np.zeros((T, B, 7), bool)
    for n in range(B):
        text, follows = embedded_reber(rng)
        while len(text) > T + 1:
            text, follows = embedded_reber(rng)
        for t in range(len(text) - 1):
            x[t, n, LETTERS.index(text[t])] = 1
            targets[t, n] = LETTERS.index(text[t + 1])
            present[t, n] = 1
            legal[t, n, [LETTERS.index(letter) for letter in follows[t]]] = True
    return x, targets, present, legal
