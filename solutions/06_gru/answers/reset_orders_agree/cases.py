"""Inputs on which `check(reset_orders_agree)` compares a student's function with the solution."""

import numpy as np

RETURNS = {"agree": ""}


def cases():
    rng = np.random.default_rng(63)
    for D, H in ((4, 5), (2, 3)):
        shapes = {"W_x": (3 * H, D), "W_h": (3 * H, H), "b_x": (3 * H,), "b_h": (3 * H,)}
        drawn = {name: rng.choice([-0.75, -0.25, 0.5, 1.0], size=s) for name, s in shapes.items()}

        def case(change, drawn=drawn, D=D, H=H):
            args = {name: value.copy() for name, value in drawn.items()}
            change(*args.values())
            return {"dims": {"D": D, "H": H, "3H": 3 * H}, "args": args}

        def no_bias(W_x, W_h, b_x, b_h, H=H):
            b_h[2 * H :] = 0

        def diagonal(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            W_h[2 * H :] *= np.eye(H)

        def diagonal_with_a_bias(W_x, W_h, b_x, b_h, H=H, diagonal=diagonal):
            diagonal(W_x, W_h, b_x, b_h)
            b_h[-1] = 0.5

        def one_gate(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            for a in (W_x, W_h, b_x, b_h):
                a[:H] = a[0]

        def one_gate_other_biases(W_x, W_h, b_x, b_h, H=H, one_gate=one_gate):
            one_gate(W_x, W_h, b_x, b_h)
            b_x[0] += 0.25
            b_h[0] -= 0.25

        def gates_differ_in_the_input(W_x, W_h, b_x, b_h, one_gate=one_gate):
            one_gate(W_x, W_h, b_x, b_h)
            W_x[1] += 0.25

        def gates_differ_in_the_state(W_x, W_h, b_x, b_h, one_gate=one_gate):
            one_gate(W_x, W_h, b_x, b_h)
            W_h[1] += 0.25

        def gates_differ_in_the_bias(W_x, W_h, b_x, b_h, one_gate=one_gate):
            one_gate(W_x, W_h, b_x, b_h)
            b_x[1] += 0.25

        def pairs(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            W_h[2 * H :] = np.eye(H)
            W_h[2 * H, 1] = 0.5  # only the units 0 and 1 speak to each other
            for a in (W_x, W_h, b_x, b_h):
                a[1] = a[0]

        def other_biases(W_x, W_h, b_x, b_h, H=H, diagonal=diagonal):
            diagonal(W_x, W_h, b_x, b_h)
            b_x[2 * H :] = 1

        def no_candidate_biases(W_x, W_h, b_x, b_h, H=H, diagonal=diagonal):
            diagonal(W_x, W_h, b_x, b_h)
            b_x[2 * H :] = 0

        def update_gates_alike(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            for a in (W_x, W_h, b_x, b_h):
                a[H : 2 * H] = a[H]

        def lower(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            W_h[2 * H :] = np.tril(W_h[2 * H :])

        def upper(W_x, W_h, b_x, b_h, H=H, no_bias=no_bias):
            no_bias(W_x, W_h, b_x, b_h)
            W_h[2 * H :] = np.triu(W_h[2 * H :])

        def gates_differ_a_little(W_x, W_h, b_x, b_h, one_gate=one_gate):
            one_gate(W_x, W_h, b_x, b_h)
            W_x[1, 0] += 1e-13

        for change in (
            lambda *weights: None,
            no_bias,
            diagonal,
            diagonal_with_a_bias,
            one_gate,
            one_gate_other_biases,
            gates_differ_in_the_input,
            gates_differ_in_the_state,
            gates_differ_in_the_bias,
            pairs,
            other_biases,
            no_candidate_biases,
            update_gates_alike,
            lower,
            upper,
            gates_differ_a_little,
        ):
            yield case(change)
