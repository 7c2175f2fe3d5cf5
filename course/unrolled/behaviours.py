"""Named behaviours and named functions that an exercise's cases refer to.

Some exercises have many right answers: any weights that make a unit remember a pulse are right. Their
``cases.py`` says ``OBSERVE = "latch"``, and what is compared and stored is then what the weights
*do*, never the weights. A case may also hand a function to the student's function; it names one of
``FUNCTIONS`` as ``{"callable": "name"}``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unrolled.counting import count_products


@dataclass(frozen=True)
class Behaviour:
    """How to look at what a returned answer does.

    inputs: names among a case's args that go to ``look`` and not to the student's function.
    shows: what ``look`` returns, with the dims of each (like RETURNS).
    look: called with the returned values, then with ``inputs`` by name.
    call: where how the function works is looked at, too: called with the function and its arguments,
        returns what it returned and more for ``look``, by name.
    says: what a name in ``shows`` stands for, where it is no result that the student returned.
    """

    inputs: tuple[str, ...]
    shows: dict[str, str]
    look: Callable[..., dict[str, np.ndarray]]
    call: Callable[..., tuple[Any, dict[str, Any]]] | None = None
    says: dict[str, str] = field(default_factory=dict)


def latch(W_xh, W_hh, b_h, pulses) -> dict[str, np.ndarray]:
    """Run a one-unit RNN over pulse trains and say at which steps it is on.

    W_xh: (1, 1), W_hh: (1, 1), b_h: (1,). pulses: (T, B), one column a train, 1.0 where a pulse
    arrives. The state starts at 0. Returns ``on``, bool (T, B): whether h_t > 0.5.
    """
    shapes = [np.shape(part) for part in (W_xh, W_hh, b_h)]
    if shapes != [(1, 1), (1, 1), (1,)]:
        raise ValueError(f"a one-unit RNN has shapes (1, 1), (1, 1), (1,), not {shapes}")
    w_x, w_h, bias = (float(part.reshape(())) for part in (W_xh, W_hh, b_h))
    h = np.zeros(pulses.shape[1])
    on = np.empty(pulses.shape, dtype=bool)
    with np.errstate(all="ignore"):
        for t, pulse in enumerate(pulses):
            h = np.tanh(w_x * pulse + w_h * h + bias)
            on[t] = h > 0.5
    return {"on": on}


def orthogonality(W) -> dict[str, np.ndarray]:
    """Lengths of the columns of a matrix and the angles between them: ``gram``, WᵀW, (H, H)."""
    if np.ndim(W) != 2:
        raise ValueError(f"a matrix has two axes, not {np.ndim(W)}")
    return {"gram": W.T @ W}


def adding(x, y) -> dict[str, np.ndarray]:
    """What sequences of the adding problem are made of, whichever numbers were drawn.

    x: (T, B, 2), y: (B,). Returns, for each sequence, the number of marked steps in its halves,
    the target over the sum of the marked values, whether the values lie in [0, 1), and for all of
    them whether they share their marked steps.
    """
    values, markers = x[..., 0], x[..., 1]
    half = len(x) // 2
    with np.errstate(all="ignore"):
        ratio = y / (values * markers).sum(axis=0)
    return {
        "first_half": markers[:half].sum(axis=0),
        "second_half": markers[half:].sum(axis=0),
        "ratio": ratio,
        "inside": np.logical_and(values >= 0, values < 1).all(axis=0),
        "shared": np.asarray((markers == markers[:, :1]).all()),
    }


def sampling(ids, exact, vocabulary_size) -> dict[str, np.ndarray]:
    """What was drawn: the ids themselves where ``exact``, else how often each follows each.

    ids: (N,) integers. Returns ``ids`` (zeros unless exact) and ``follows``, shares of all pairs,
    (vocabulary_size, vocabulary_size).
    """
    follows = np.zeros((vocabulary_size, vocabulary_size))
    np.add.at(follows, (ids[:-1], ids[1:]), 1)
    return {"ids": ids if exact else np.zeros_like(ids), "follows": follows / max(1, len(ids) - 1)}


def call_counting(function, *args) -> tuple[Any, dict[str, Any]]:
    """Call a function and count its matrix products."""
    returned, products = count_products(function, *args)
    return returned, {"products": products}


def lstm_products(h, c, gates, products) -> dict[str, np.ndarray]:
    """What an LSTM returned, and how many matrix products it took: ``products``, one number."""
    return {"h": h, "c": c, "gates": gates, "products": np.asarray(products)}


def lstm_start(W_x, W_h, b) -> dict[str, np.ndarray]:
    """What the first weights of an LSTM are like, whichever numbers were drawn.

    W_x: (4H, D), W_h: (4H, H), b: (4H,). Returns for each of the four gates, with H as the unit of
    measure, the mean, spread and largest size of its input weights, each times the square root of
    H (uniform between -1/√H and 1/√H gives 0, 1/√3 and 1), and WᵀW of its block of W_h; and b.
    """
    size = len(b) // 4
    blocks = W_x.reshape(4, size, -1) * np.sqrt(size)
    recurrent = W_h.reshape(4, size, size)
    return {
        "mean": blocks.mean(axis=(1, 2)),
        "spread": blocks.std(axis=(1, 2)),
        "largest": np.abs(blocks).max(axis=(1, 2)),
        "gram": recurrent.transpose(0, 2, 1) @ recurrent,
        "alike": np.asarray([np.allclose(recurrent[0], block) for block in recurrent[1:]]),
        "b": b,
    }


BEHAVIOURS: dict[str, Behaviour] = {
    "latch": Behaviour(
        inputs=("pulses",),
        shows={"on": "T B"},
        look=latch,
        says={
            "on": "Your unit was run on pulse trains: `on[t, b]` says whether it is on at step t of "
            "train b."
        },
    ),
    "orthogonality": Behaviour(
        inputs=(),
        shows={"gram": "H H"},
        look=orthogonality,
        says={"gram": "From your matrix W, `gram` is WᵀW: the products of its columns."},
    ),
    "adding": Behaviour(
        inputs=(),
        shows={"first_half": "B", "second_half": "B", "ratio": "B", "inside": "B", "shared": ""},
        look=adding,
        says={
            "first_half": "In your `x`, `first_half` counts each sequence's marked steps before the "
            "middle.",
            "second_half": "In your `x`, `second_half` counts each sequence's marked steps after the "
            "middle.",
            "ratio": "For each sequence, `ratio` is your `y` over the sum of the marked values.",
            "inside": "For each sequence, `inside` says whether your values lie in [0, 1).",
            "shared": "`shared` says whether all your sequences have the same marked steps.",
        },
    ),
    "sampling": Behaviour(
        inputs=("exact", "vocabulary_size"),
        shows={"ids": "length", "follows": "V V"},
        look=sampling,
        says={"follows": "In what you drew, `follows[i, j]` is the share of pairs i, then j."},
    ),
    "lstm_products": Behaviour(
        inputs=(),
        shows={"h": "T B H", "c": "T B H", "gates": "T B 4H", "products": ""},
        look=lstm_products,
        call=call_counting,
        says={"products": "While your function ran, `products` counted its matrix products."},
    ),
    "lstm_start": Behaviour(
        inputs=(),
        shows={
            "mean": "4",
            "spread": "4",
            "largest": "4",
            "gram": "4 H H",
            "alike": "3",
            "b": "4H",
        },
        look=lstm_start,
        says={
            "mean": "For each gate's block of your `W_x`, `mean` is the mean times √H.",
            "spread": "For each gate's block of your `W_x`, `spread` is the spread times √H.",
            "largest": "For each gate's block of your `W_x`, `largest` is the largest size times √H.",
            "gram": "For each gate's block U of your `W_h`, `gram` is UᵀU.",
            "alike": "`alike` says whether the first block of your `W_h` is the same as each other "
            "one.",
        },
    ),
}


def sum_of_squares(x) -> float:
    """The sum of the squared entries; its gradient is 2x."""
    return float(np.sum(np.square(x)))


def sum_of_sines(x) -> float:
    """The sum of the sines of the entries; its gradient is cos(x)."""
    return float(np.sum(np.sin(x)))


def weighted_tanh(x) -> float:
    """tanh of every entry, weighted by its flat index + 1 and summed: each entry matters differently."""
    values = np.tanh(x).ravel()
    return float(np.arange(1, values.size + 1) @ values)


def toy_language_model(token, state):
    """A made-up language model of four characters, for trying ``sample``.

    token: 0 to 3. state: how many characters were read before, or None at the start.
    Returns logits (4,) and the new state. The logits depend on the last character and on whether an
    even or an odd number was read.
    """
    read = 0 if state is None else int(state)
    logits = _TOY_LOGITS[int(token)] + (2.0 if read % 2 else 0.0) * _TOY_ODD
    return logits, read + 1


_TOY_LOGITS = np.array(
    [[0.0, 1.5, 0.4, -1.0], [0.3, -0.8, 1.2, 0.9], [1.0, 0.2, -0.5, 1.4], [-0.6, 1.1, 0.7, 0.1]]
)
_TOY_ODD = np.array([1.0, -0.7, 0.2, -0.4])


def log_sum_exp(x) -> float:
    """The logarithm of the sum of the exponentials: how one entry matters depends on all others."""
    return float(np.log(np.sum(np.exp(x))))


# a function of three numbers and backward passes for it, for the adjoint test
_BEND = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
BEND_AT = np.array([0.3, -0.8, 0.5])
"""Where the backward passes of ``bend`` are taken."""


def bend(x) -> np.ndarray:
    """x: (3,). Returns (2,), the sines of two weighted sums."""
    return np.sin(_BEND @ x)


def bend_backward(u) -> np.ndarray:
    """u: (2,). Returns (3,), the transposed Jacobian of ``bend`` at BEND_AT times u."""
    return _BEND.T @ (np.cos(_BEND @ BEND_AT) * u)


def bend_backward_without_slope(u) -> np.ndarray:
    """``bend_backward`` with a mistake: the derivative of the sine is left out."""
    return _BEND.T @ u


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        sum_of_squares,
        sum_of_sines,
        weighted_tanh,
        toy_language_model,
        log_sum_exp,
        bend,
        bend_backward,
        bend_backward_without_slope,
    )
}
