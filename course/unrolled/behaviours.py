"""Named behaviours and named functions that an exercise's cases refer to.

Some exercises have many right answers: any weights that make a unit remember a pulse are right. Their
``cases.py`` says ``OBSERVE = "latch"``, and what is compared and stored is then what the weights
*do*, never the weights. A case may also hand a function to the student's function; it names one of
``FUNCTIONS`` as ``{"callable": "name"}``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unrolled.counting import count_products
from unrolled.floating_point import floating_point_errors


@dataclass(frozen=True)
class Behaviour:
    """How to look at what a returned answer does.

    inputs: names among a case's args that go to ``look`` and not to the student's function.
    shows: what ``look`` returns, with the dims of each (like RETURNS).
    look: called with the returned values, then with ``inputs`` by name.
    call: where how the function works is looked at, too: called with the function and its arguments,
        returns what it returned and more for ``look``, by name.
    says: what a name in ``shows`` stands for, where it is no result that the student returned.
    takes: the arguments of the student's own function, where ``call`` takes others.
    """

    inputs: tuple[str, ...]
    shows: dict[str, str]
    look: Callable[..., dict[str, np.ndarray]]
    call: Callable[..., tuple[Any, dict[str, Any]]] | None = None
    says: dict[str, str] = field(default_factory=dict)
    takes: tuple[str, ...] | None = None


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


def call_again(function, *args) -> tuple[Any, dict[str, Any]]:
    """Call a function that draws random numbers; look at whether it draws them from what it is given.

    Returns its result and ``repeats``, whether the same generator gives the same again, and
    ``varies``, whether the generator gives something else the next time.
    """
    again = [copy.deepcopy(arg) for arg in args]
    first = function(*args)
    repeats = _equal(first, function(*again))
    return first, {"repeats": repeats, "varies": not _equal(first, function(*args))}


def _equal(one, other) -> bool:
    """Whether two results are the same numbers; False where they cannot be compared."""
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return np.array_equal(one, other)


def orthogonality(W, repeats, varies) -> dict[str, np.ndarray]:
    """Lengths of a random matrix's columns, the angles between them, and whether it is random.

    W: (H, H). Returns ``gram``, WᵀW, (H, H); ``filled``, whether most entries are not 0;
    ``repeats`` and ``varies`` as ``call_again`` says (one entry cannot vary).
    """
    if np.ndim(W) != 2:
        raise ValueError(f"a matrix has two axes, not {np.ndim(W)}")
    return {
        "gram": W.T @ W,
        "filled": np.asarray(np.mean(W != 0) > 0.5),
        "repeats": np.asarray(repeats),
        "varies": np.asarray(varies or np.size(W) == 1),
    }


def call_with_unknown(function, *args) -> tuple[Any, dict[str, Any]]:
    """Encode a text, given with its vocabulary; where it has a character that is not in the vocabulary, see whether that raises.

    Returns the ids and ``refused``; no ids where it raised ValueError or LookupError for that.
    """
    try:
        return function(*args), {"refused": False}
    except (ValueError, LookupError):
        text, vocabulary = args
        if set(text) <= set(vocabulary):
            raise
        return np.zeros(0, dtype=np.int64), {"refused": True}


def encoding(ids, refused) -> dict[str, np.ndarray]:
    """The ids of a text, (N,), and ``refused``: whether the function raised instead."""
    return {"ids": ids, "refused": np.asarray(refused)}


def adding(x, y, repeats, varies) -> dict[str, np.ndarray]:
    """What sequences of the adding problem are made of, whichever numbers were drawn.

    x: (T, B, 2), y: (B,). Returns, for each sequence, the number of marked steps in its halves, the
    target over the sum of the marked values, and whether the values lie in [0, 1); for all of them
    ``several``, whether the first marked step, the second, and the way between them take several
    values; ``alike``, whether all have the same values; ``everywhere``, whether there are values at
    unmarked steps; ``repeats`` and ``varies`` as ``call_again`` says.
    """
    values, markers = x[..., 0], x[..., 1]
    half = len(x) // 2
    first, second = markers[:half].argmax(axis=0), half + markers[half:].argmax(axis=0)
    unmarked = values[markers == 0]
    with np.errstate(all="ignore"):
        ratio = y / (values * markers).sum(axis=0)
    return {
        "first_half": markers[:half].sum(axis=0),
        "second_half": markers[half:].sum(axis=0),
        "ratio": ratio,
        "inside": np.logical_and(values >= 0, values < 1).all(axis=0),
        "several": np.array([len(np.unique(n)) > 1 for n in (first, second, second - first)]),
        "alike": np.asarray((values == values[:, :1]).all()),
        "everywhere": np.asarray(unmarked.size == 0 or np.mean(unmarked != 0) > 0.5),
        "repeats": np.asarray(repeats),
        "varies": np.asarray(varies),
    }


def sampling(ids, repeats, varies, exact, vocabulary_size) -> dict[str, np.ndarray]:
    """What was drawn: the ids themselves where ``exact``, else how often each follows each.

    ids: (N,) integers. Returns ``ids`` (zeros unless exact), ``follows``, shares of all pairs,
    (vocabulary_size, vocabulary_size), and ``repeats`` as ``call_again`` says.
    """
    follows = np.zeros((vocabulary_size, vocabulary_size))
    np.add.at(follows, (ids[:-1], ids[1:]), 1)
    return {
        "ids": ids if exact else np.zeros_like(ids),
        "follows": follows / max(1, len(ids) - 1),
        "repeats": np.asarray(repeats),
    }


def call_watching(function, *args) -> tuple[Any, dict[str, Any]]:
    """Call a function and see which floating-point errors it makes, and whether it keeps the dtype."""
    returned, errors = floating_point_errors(function, *args)
    kept = all(getattr(returned, "dtype", None) == arg.dtype for arg in args)
    return returned, {"errors": errors, "kept": kept}


def sigmoid(s, errors, kept) -> dict[str, np.ndarray]:
    """What a sigmoid returned, and what happened on the way.

    s: floats of any shape. Returns ``s``; ``overflow``, whether a number became too large for its
    dtype; ``invalid``, whether one was divided by 0 or became no number; ``kept``, whether the
    result has the argument's dtype.
    """
    return {
        "s": s,
        "overflow": np.asarray("overflow" in errors),
        "invalid": np.asarray("invalid" in errors or "divide" in errors),
        "kept": np.asarray(kept),
    }


def call_counting(function, *args) -> tuple[Any, dict[str, Any]]:
    """Call a function and count its matrix products."""
    returned, products = count_products(function, *args)
    return returned, {"products": products}


def lstm_products(h, c, gates, products) -> dict[str, np.ndarray]:
    """What an LSTM returned, and how many matrix products it took: ``products``, one number."""
    return {"h": h, "c": c, "gates": gates, "products": np.asarray(products)}


def lstm_start(W_x, W_h, b, repeats, varies) -> dict[str, np.ndarray]:
    """What the first weights of an LSTM are like, whichever numbers were drawn.

    W_x: (4H, D), W_h: (4H, H), b: (4H,). Returns for each of the four gates, with H as the unit of
    measure, the mean, spread and largest size of its input weights, each times the square root of
    H (uniform between -1/√H and 1/√H gives 0, 1/√3 and 1), and WᵀW of its block of W_h; b; whether
    all three are in double precision; ``repeats`` and ``varies`` as ``call_again`` says.
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
        "double": np.asarray([part.dtype == np.float64 for part in (W_x, W_h, b)]),
        "repeats": np.asarray(repeats),
        "varies": np.asarray(varies),
    }


# torch is imported when the first of these is called: most chapters do without it


def call_loader(load, weights, x, state, upstream) -> tuple[Any, dict[str, Any]]:
    """Run what a loader made of NumPy weights, and go back through it."""
    from unrolled.modules import run_loader

    found = run_loader(load, weights, x, state, upstream)
    return found["h"], {"found": found}


def loaded(h, found) -> dict[str, np.ndarray]:
    """What a loaded layer does: its states and all its gradients."""
    shown = {"h": h, "dx": found["dx"]}
    for name, last, start in zip("hc", found["last"], found["dstate"], strict=False):
        shown |= {f"last_{name}": last, f"d{name}0": start}
    of = found["parameters"]
    return shown | {
        "dweight_ih": of["weight_ih_l0"],
        "dweight_hh": of["weight_hh_l0"],
        "dbias_ih": of["bias_ih_l0"],
        "dbias_hh": of["bias_hh_l0"],
    }


def _loaded(takes: tuple[str, ...], states: str, rows: str) -> Behaviour:
    each = {f"last_{s}": "B H" for s in states} | {f"d{s}0": "B H" for s in states}
    return Behaviour(
        inputs=(),
        shows={
            "h": "T B H",
            "dx": "T B D",
            **each,
            "dweight_ih": f"{rows} D",
            "dweight_hh": f"{rows} H",
            "dbias_ih": rows,
            "dbias_hh": rows,
        },
        look=loaded,
        call=call_loader,
        says={
            "h": "The layer that you returned was run: `h` holds its states.",
            "dx": "The layer was run and gone back through: `dx` is the gradient at its input.",
            **{f"last_{s}": f"The layer was run: `last_{s}` is its last {s}." for s in states},
            **{f"d{s}0": f"`d{s}0` is the gradient at the first {s}." for s in states},
            **{
                f"dweight_{side}": f"`dweight_{side}` is the gradient at its weights "
                f"`weight_{side}_l0`."
                for side in ("ih", "hh")
            },
            **{
                f"dbias_{side}": f"`dbias_{side}` is the gradient at its bias `bias_{side}_l0`."
                for side in ("ih", "hh")
            },
        },
        takes=takes,
    )


def call_cell(make, weights, x_t, state, upstream) -> tuple[Any, dict[str, Any]]:
    """Run one step of a student's cell and go back; also look at what a larger new one starts with."""
    from unrolled.modules import fresh_parameters, run_cell

    found = run_cell(make, weights, x_t, state, upstream)
    return (found["h_t"], found["c_t"]), {"found": found, "fresh": fresh_parameters(make, (50, 9))}


def cell_step(h_t, c_t, found, fresh) -> dict[str, np.ndarray]:
    """What an LSTM cell does in one step, its gradients, and whether its first weights are fit."""
    H = 9
    forget, others = np.split(fresh["b"], [H, 2 * H])[1], np.delete(fresh["b"], np.s_[H : 2 * H])
    drawn = [fresh["W_x"], fresh["W_h"], others]
    return {
        "h_t": h_t,
        "c_t": c_t,
        "dx_t": found["dx_t"],
        "dh_prev": found["dh_prev"],
        "dc_prev": found["dc_prev"],
        **{f"d{name}": found["parameters"][name] for name in ("W_x", "W_h", "b")},
        "inside": np.asarray([np.abs(part).max() <= 1 / np.sqrt(H) for part in drawn]),
        "spread": np.asarray([np.sqrt(H) * part.std() > 0.4 for part in drawn]),
        "different": np.asarray([np.ptp(part) > 0 for part in drawn]),
        "centred": np.asarray([np.sqrt(H) * abs(part.mean()) < 0.35 for part in drawn]),
        "forget": np.asarray(np.allclose(forget, 1)),
    }


def call_layers(make, weights, dropout, training, x, states, upstream):
    """Run a student's stack of cells and go back through it."""
    from unrolled.modules import run_layers

    found = run_layers(make, weights, dropout, training, x, states, upstream)
    return found["h"], {"found": found}


def layers(h, found) -> dict[str, np.ndarray]:
    """What a stack of LSTM cells does, its gradients, and how many parameters it calls its own."""
    return {
        "h": h,
        "last_h": found["last_h"],
        "last_c": found["last_c"],
        "dx": found["dx"],
        "dW_h": np.stack([cell["W_h"] for cell in found["cells"]]),
        "db": np.stack([cell["b"] for cell in found["cells"]]),
        "registered": np.asarray(found["registered"]),
    }


def call_masked_loss(function, losses, lengths) -> tuple[Any, dict[str, Any]]:
    """Average losses of unequal sequences, and go back."""
    from unrolled.modules import run_function

    found = run_function(function, losses, (lengths,), np.ones(()))
    return found["value"], {"gradient": found["gradient"]}


def masked_loss(loss, gradient) -> dict[str, np.ndarray]:
    """A mean loss and its gradient at every single loss."""
    return {"loss": loss, "gradient": gradient}


def call_last_states(function, h, lengths) -> tuple[Any, dict[str, Any]]:
    """Pick last states of unequal sequences, and go back with the entries' numbers as gradient."""
    from unrolled.modules import run_function

    many = h.shape[1] * h.shape[2]
    upstream = np.arange(1, many + 1, dtype=h.dtype).reshape(h.shape[1:])
    found = run_function(function, h, (lengths,), upstream)
    return found["value"], {"gradient": found["gradient"]}


def last_states(last, gradient) -> dict[str, np.ndarray]:
    """Last states and the gradient that goes back from them to every state."""
    return {"last": last, "gradient": gradient}


def call_epoch(train_epoch, weights, batches, settings) -> tuple[Any, dict[str, Any]]:
    """Train a small network with a student's loop."""
    from unrolled.training import DEVICE, run_training

    seen = run_training(train_epoch, weights, batches, settings)
    moved = sum(device == DEVICE for device in seen["devices"])
    return np.asarray(seen["loss"]), {"found": seen, "moved": moved}


def epoch(loss, found, moved) -> dict[str, np.ndarray]:
    """What an epoch of training returned and did."""
    return {"loss": loss, **found["weights"], "moved": np.asarray(moved)}


def call_evaluation(evaluate, weights, batches, settings) -> tuple[Any, dict[str, Any]]:
    """Evaluate a small network with a student's function."""
    from unrolled.training import DEVICE, run_evaluation

    seen = run_evaluation(evaluate, weights, batches, settings)
    moved = sum(device == DEVICE for device in seen["devices"])
    return np.asarray(seen["loss"]), {"found": seen, "moved": moved}


def evaluation(loss, found, moved) -> dict[str, np.ndarray]:
    """What an evaluation returned, and in which state it left the network."""
    return {
        "loss": loss,
        "training": np.asarray(found["training"]),
        "recorded": np.asarray(found["recorded"]),
        "moved": np.asarray(moved),
    }


def call_resume(save, seed, stop, epochs) -> tuple[Any, dict[str, Any]]:
    """Train, stop, load and go on with a student's checkpoints."""
    from unrolled.training import run_resume

    found = run_resume(save, seed, stop, epochs)
    return np.asarray(found["epoch"]), {"weights": found["weights"], "losses": found["losses"]}


def resumed(epoch, weights, losses) -> dict[str, np.ndarray]:
    """Where a run that stopped and went on has got to."""
    return {"epoch": epoch, "losses": losses, "weights": weights}


def call_pick_device(pick, cuda, mps) -> tuple[Any, dict[str, Any]]:
    """What is chosen on a machine with or without CUDA and MPS."""
    from unrolled.training import run_pick_device

    kind = run_pick_device(pick, cuda, mps).partition(":")[0]
    return np.asarray(["cpu", "cuda", "mps"].index(kind)), {}


def chosen(device) -> dict[str, np.ndarray]:
    """A device by its number."""
    return {"device": device}


_MOVED = "`moved` counts the tensors of all batches that you sent to the device you were given."
_TRAINED = "A small network was trained with your loop: its weights after it are wrong."

_AGAIN = {
    "repeats": "Your function was called twice with the same generator `rng`: `repeats` says whether "
    "it returned the same.",
    "varies": "Your function was called again, with the generator that the first call had drawn from: "
    "`varies` says whether it returned something else.",
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
        shows={"gram": "H H", "filled": "", "repeats": "", "varies": ""},
        look=orthogonality,
        call=call_again,
        says={
            "gram": "From your matrix W, `gram` is WᵀW: the products of its columns.",
            "filled": "`filled` says whether most entries of your matrix are not 0.",
            **_AGAIN,
        },
    ),
    "encoding": Behaviour(
        inputs=(),
        shows={"ids": "N", "refused": ""},
        look=encoding,
        call=call_with_unknown,
        says={
            "refused": "`refused` says whether your function raised an error, as it should at a "
            "character that is not in the vocabulary."
        },
    ),
    "adding": Behaviour(
        inputs=(),
        shows={"first_half": "B", "second_half": "B", "ratio": "B", "inside": "B"}
        | {"several": "3", "alike": "", "everywhere": "", "repeats": "", "varies": ""},
        look=adding,
        call=call_again,
        says={
            "first_half": "In your `x`, `first_half` counts each sequence's marked steps before the "
            "middle.",
            "second_half": "In your `x`, `second_half` counts each sequence's marked steps after the "
            "middle.",
            "ratio": "For each sequence, `ratio` is your `y` over the sum of the marked values.",
            "inside": "For each sequence, `inside` says whether your values lie in [0, 1).",
            "several": "Over your sequences, `several` says whether the first marked step, the "
            "second, and the way from one to the other take several values.",
            "alike": "`alike` says whether all your sequences have the same values.",
            "everywhere": "`everywhere` says whether there are values at unmarked steps too.",
            **_AGAIN,
        },
    ),
    "sampling": Behaviour(
        inputs=("exact", "vocabulary_size"),
        shows={"ids": "length", "follows": "V V", "repeats": ""},
        look=sampling,
        call=call_again,
        says={
            "follows": "In what you drew, `follows[i, j]` is the share of pairs i, then j.",
            "repeats": _AGAIN["repeats"],
        },
    ),
    "sigmoid": Behaviour(
        inputs=(),
        shows={"s": "B H", "overflow": "", "invalid": "", "kept": ""},
        look=sigmoid,
        call=call_watching,
        says={
            "overflow": "While your function ran, NumPy was to report errors instead of warning: "
            "`overflow` says whether a number became too large.",
            "invalid": "While your function ran, NumPy was to report errors instead of warning: "
            "`invalid` says whether a number was divided by 0 or became NaN.",
            "kept": "`kept` says whether your result has the dtype of `a`.",
        },
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
            "double": "3",
            "repeats": "",
            "varies": "",
        },
        look=lstm_start,
        call=call_again,
        says={
            "mean": "For each gate's block of your `W_x`, `mean` is the mean times √H.",
            "spread": "For each gate's block of your `W_x`, `spread` is the standard deviation "
            "times √H.",
            "largest": "For each gate's block of your `W_x`, `largest` is the largest size times √H.",
            "gram": "For each gate's block U of your `W_h`, `gram` is UᵀU.",
            "alike": "`alike` says whether the first block of your `W_h` is the same as each other "
            "one.",
            "double": "`double` says of `W_x`, `W_h` and `b` whether they are float64.",
            **_AGAIN,
        },
    ),
    "loaded_rnn": _loaded(("W_xh", "W_hh", "b_h"), "h", "H"),
    "loaded_lstm": _loaded(("W_x", "W_h", "b"), "hc", "4H"),
    "loaded_gru": _loaded(("W_x", "W_h", "b_x", "b_h"), "h", "3H"),
    "cell_step": Behaviour(
        inputs=(),
        shows={
            "h_t": "B H",
            "c_t": "B H",
            "dx_t": "B D",
            "dh_prev": "B H",
            "dc_prev": "B H",
            "dW_x": "4H D",
            "dW_h": "4H H",
            "db": "4H",
            "inside": "3",
            "different": "3",
            "spread": "3",
            "centred": "3",
            "forget": "",
        },
        look=cell_step,
        call=call_cell,
        says={
            **{
                f"d{name}": f"Your cell was run and gone back through: `d{name}` is the gradient at "
                f"`{name}`."
                for name in ("x_t", "h_prev", "c_prev", "W_x", "W_h", "b")
            },
            "inside": "In a new cell, `inside` says whether `W_x`, `W_h` and the rest of `b` lie "
            "between -1/√H and 1/√H.",
            "different": "In a new cell, `different` says whether `W_x`, `W_h` and the rest of `b` "
            "hold different numbers.",
            "spread": "In a new cell, `spread` says whether `W_x`, `W_h` and the rest of `b` fill "
            "that range.",
            "centred": "In a new cell, `centred` says whether `W_x`, `W_h` and the rest of `b` are "
            "drawn around 0.",
            "forget": "In a new cell, `forget` says whether the forget gate's bias is 1.",
        },
        takes=("D", "H"),
    ),
    "layers": Behaviour(
        inputs=(),
        shows={
            "h": "T B H",
            "last_h": "L B H",
            "last_c": "L B H",
            "dx": "T B D",
            "dW_h": "L 4H H",
            "db": "L 4H",
            "registered": "",
        },
        look=layers,
        call=call_layers,
        says={
            "last_h": "From the last states that you return, `last_h` is each layer's h.",
            "last_c": "From the last states that you return, `last_c` is each layer's c.",
            "dx": "Your layers were run and gone back through: `dx` is the gradient at x.",
            "dW_h": "`dW_h` is the gradient at each cell's recurrent weights.",
            "db": "`db` is the gradient at each cell's bias.",
            "registered": "`registered` counts the cells' parameters that your module's "
            "`parameters()` lists, which is what an optimizer sees.",
        },
        takes=("cells", "dropout"),
    ),
    "masked_loss": Behaviour(
        inputs=(),
        shows={"loss": "", "gradient": "T B"},
        look=masked_loss,
        call=call_masked_loss,
        says={"gradient": "`gradient` is the gradient of your mean at each of the losses."},
        takes=("losses", "lengths"),
    ),
    "last_states": Behaviour(
        inputs=(),
        shows={"last": "B H", "gradient": "T B H"},
        look=last_states,
        call=call_last_states,
        says={"gradient": "`gradient` is what goes back from your result to `h`."},
        takes=("h", "lengths"),
    ),
    "epoch": Behaviour(
        inputs=(),
        shows={"loss": "", "W_x": "H D", "W_h": "H H", "W_y": "K H", "W_e": "K H", "moved": ""},
        look=epoch,
        call=call_epoch,
        says={
            **{name: f"{_TRAINED} Here `{name}`." for name in ("W_x", "W_h", "W_y", "W_e")},
            "moved": _MOVED,
        },
        takes=("model", "batches", "optimizer", "max_norm", "device"),
    ),
    "evaluation": Behaviour(
        inputs=(),
        shows={"loss": "", "training": "", "recorded": "", "moved": ""},
        look=evaluation,
        call=call_evaluation,
        says={
            "training": "`training` says whether the model is in training mode afterwards.",
            "recorded": "`recorded` says whether operations were recorded for a backward pass.",
            "moved": _MOVED,
        },
        takes=("model", "batches", "device"),
    ),
    "resumed": Behaviour(
        inputs=(),
        shows={"epoch": "", "losses": "N", "weights": "P"},
        look=resumed,
        call=call_resume,
        says={
            "losses": "A small network was trained, saved, loaded into a new one and trained on. "
            "`losses` are those of all its steps.",
            "weights": "A small network was trained, saved, loaded into a new one and trained on. "
            "`weights` are its weights at the end.",
        },
        takes=("path", "model", "optimizer", "scheduler", "epoch"),
    ),
    "chosen_device": Behaviour(
        inputs=(),
        shows={"device": ""},
        look=chosen,
        call=call_pick_device,
        says={
            "device": "Your function was called as on machines with and without CUDA and MPS: "
            "`device` is 0 for the CPU, 1 for CUDA, 2 for MPS."
        },
        takes=(),
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


def weighted_rows(x) -> float:
    """tanh of every entry, weighted by its row's number + 1 and summed: the shape of x matters."""
    rows = np.tanh(x).reshape(len(x), -1).sum(axis=1)
    return float(np.arange(1, len(x) + 1) @ rows)


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


# a second one, with as many results as arguments: a mistake in the shapes does not show
_TURN = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5], [-0.75, 1.0, 0.5]])


def turn(x) -> np.ndarray:
    """x: (3,). Returns (3,), the sines of three weighted sums."""
    return np.sin(_TURN @ x)


def turn_backward(u) -> np.ndarray:
    """u: (3,). Returns (3,), the transposed Jacobian of ``turn`` at BEND_AT times u."""
    return _TURN.T @ (np.cos(_TURN @ BEND_AT) * u)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        turn,
        turn_backward,
        sum_of_squares,
        sum_of_sines,
        weighted_tanh,
        weighted_rows,
        toy_language_model,
        log_sum_exp,
        bend,
        bend_backward,
        bend_backward_without_slope,
    )
}
