"""An exercise to check answers against: one step of an RNN, and a latch set by hand."""

import numpy as np
import pytest

from unrolled.key import make_exercise_key
from unrolled.outcomes import Case, Spec


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def step_case(B, D, H, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"x_t": (B, D), "h_prev": (B, H), "W_xh": (H, D), "W_hh": (H, H), "b_h": (H,)}
    args = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return Case({"B": B, "D": D, "H": H}, args)


@pytest.fixture
def solution():
    return rnn_step


@pytest.fixture(scope="session")
def key():
    """The key of ``rnn_step``, with two known mistakes."""
    return make_exercise_key(
        Spec("rnn_step", {"h_t": "B H"}),
        [
            step_case(3, 4, 5),
            step_case(1, 4, 5, seed=1),
            step_case(2, 1, 1, seed=2),
            step_case(3, 4, 5, np.float32, seed=3),
        ],
        rnn_step,
        {
            "forgets_the_bias": (
                "The bias `b_h` is missing; see equation 1.3.",
                lambda x, h, W_xh, W_hh, b: np.tanh(x @ W_xh.T + h @ W_hh.T),
            ),
            "forgets_the_transpose": (
                "`W_xh` has shape (H, D), so a row times it needs `W_xh.T`.",
                lambda x, h, W_xh, W_hh, b: np.tanh(x @ W_xh + h @ W_hh.T + b),
            ),
        },
    )


@pytest.fixture(scope="session")
def latch_key():
    """The key of ``latch``: many weights are right, so only what they do is compared."""
    rng = np.random.default_rng(0)
    cases = [
        Case({"T": T, "B": 4}, {"pulses": (rng.random((T, 4)) < 0.15).astype(float)})
        for T in (5, 200)
    ]

    def latch():
        return np.array([[5.0]]), np.array([[3.0]]), np.array([0.0])

    def forgets():
        return np.array([[5.0]]), np.array([[0.5]]), np.array([0.0])

    return make_exercise_key(
        Spec("latch", {"W_xh": "H D", "W_hh": "H H", "b_h": "H"}, observe="latch"),
        cases,
        latch,
        {"leaks": ("The state decays: `W_hh` must be larger than 1.", forgets)},
    )
