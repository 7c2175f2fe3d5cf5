"""Looks at a student's modules, and at functions of tensors: outputs and all gradients, as numbers.

Everything here is a probe (``unrolled.probes``): it runs where the student's code lives, takes and
returns plain data only, and judges nothing. Arrays go in and come out in one dtype, on the CPU. A
gradient that does not arrive comes back as zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unrolled import plain
from unrolled.probes import probe

Array = np.ndarray


@probe
def run_function(function: Callable, x: Array, others: Sequence[Array], upstream: Array) -> dict:
    """Call ``function(x, *others)`` on tensors, and go back through it.

    x: floats. others: arrays that no gradient is asked of. upstream: the gradient of a loss at the
    result, of the result's shape.
    Returns ``value`` and ``gradient``, the loss's gradient at x. Raises what the function raises and
    TypeError where it returns no tensor.
    """
    leaf = _leaf(x)
    value = _tensor(function(leaf, *(torch.tensor(other) for other in others)), "the result")
    _back([value], [upstream])
    return {"value": _array(value), "gradient": _gradient(leaf)}


@probe
def run_loader(
    load: Callable, weights: Sequence[Array], x: Array, state: Sequence[Array], upstream: Array
) -> dict:
    """Load weights into a layer of ``torch.nn`` with ``load(*weights)``, run it, and go back.

    x: (T, B, D). state: the first state, (h0,) or (h0, c0), each (B, H). upstream: (T, B, H), the
    loss's gradient at each h.
    Returns ``h`` (T, B, H), ``last`` (one array (B, H) for each in state), ``dx``, ``dstate``, and
    ``parameters``: the gradient of each parameter by its name in the layer.
    Afterwards the layer's weights are changed in place, as by training: arrays that it shares with
    ``weights`` change then, too.
    """
    layer = load(*weights)
    if not isinstance(layer, nn.Module):
        raise TypeError(f"the loader returns a layer of torch.nn; it returned {_kind(layer)}")
    inputs = [_leaf(x), *(_leaf(part[None]) for part in state)]
    first = inputs[1] if len(state) == 1 else tuple(inputs[1:])
    h, last = layer(inputs[0], first)
    _back([h], [upstream])
    last = [last] if len(state) == 1 else list(last)
    found = {
        "h": _array(h),
        "last": tuple(_array(part[0]) for part in last),
        "dx": _gradient(inputs[0]),
        "dstate": tuple(_gradient(leaf)[0] for leaf in inputs[1:]),
        "parameters": {name: _gradient(p) for name, p in layer.named_parameters()},
    }
    with torch.no_grad():
        for p in layer.parameters():
            p.add_(1)
    return found


@probe
def run_cell(
    make: Callable,
    weights: Mapping[str, Array],
    x_t: Array,
    state: Sequence[Array] | None,
    upstream: Sequence[Array],
) -> dict:
    """Make a cell with ``make(D, H)``, give it weights, run one step and go back through it.

    weights: the values of all its parameters, by name. x_t: (B, D). state: (h, c), each (B, H), or
    None: then the cell is called without one. upstream: the loss's gradients at h_t and c_t.
    Returns ``h_t``, ``c_t``, ``dx_t``, ``dh_prev`` and ``dc_prev`` (zeros without a state), and
    ``parameters``: the gradient of each by name.
    Raises AttributeError where the cell's parameters are not those in weights.
    """
    B, D = x_t.shape
    H = upstream[0].shape[1]
    cell = _made(make, D, H).to(torch.tensor(x_t).dtype)
    _fill(cell, weights)
    x = _leaf(x_t)
    before = None if state is None else tuple(_leaf(part) for part in state)
    h, c = _pair(cell(x) if before is None else cell(x, before), "forward returns h_t and c_t")
    _back([h, c], upstream)
    dh, dc = (_gradient(part) for part in before) if before else np.zeros((2, B, H), x_t.dtype)
    return {
        "h_t": _array(h),
        "c_t": _array(c),
        "dx_t": _gradient(x),
        "dh_prev": dh,
        "dc_prev": dc,
        "parameters": {name: _gradient(p) for name, p in cell.named_parameters()},
    }


@probe
def run_layers(
    make: Callable,
    weights: Sequence[Mapping[str, Array]],
    dropout: float,
    training: bool,
    x: Array,
    states: Sequence[Sequence[Array]] | None,
    upstream: Array,
) -> dict:
    """Stack cells of ``torch.nn`` with ``make(cells, dropout)``, run the stack and go back.

    weights: for each cell ``W_x``, ``W_h`` and ``b``. training: else it is put into evaluation mode.
    x: (T, B, D). states: (h, c) for each cell, or None. upstream: (T, B, H), the loss's gradient at
    the last layer's h.
    Returns ``h`` (T, B, H), ``last_h`` and ``last_c`` (layers, B, H), ``dx``, ``cells``: the gradients
    of W_x, W_h and b, cell by cell, and ``registered``: how many of the cells' parameters are among
    the module's own.
    """
    cells = [_lstm_cell(**each) for each in weights]
    layers = _made(make, list(cells), dropout)
    layers.train(training)
    x = _leaf(x)
    if states is None:
        results = layers(x)
    else:
        results = layers(x, [tuple(torch.tensor(part) for part in state) for state in states])
    h, last = _pair(results, "forward returns h and the last states", second=(list, tuple))
    h = _tensor(h, "h")
    pairs = [_pair(state, "a state is a pair h, c") for state in last]
    _back([h], [upstream])
    own = {id(p) for p in layers.parameters()}
    return {
        "h": _array(h),
        "last_h": np.stack([_array(pair[0]) for pair in pairs]),
        "last_c": np.stack([_array(pair[1]) for pair in pairs]),
        "dx": _gradient(x),
        "cells": [
            {
                "W_x": _gradient(cell.weight_ih),
                "W_h": _gradient(cell.weight_hh),
                "b": _gradient(cell.bias_ih),
            }
            for cell in cells
        ],
        "registered": sum(id(p) in own for cell in cells for p in cell.parameters()),
    }


@probe
def fresh_parameters(make: Callable, arguments: Sequence[Any]) -> dict[str, Array]:
    """The parameters that a new module ``make(*arguments)`` starts with, by name."""
    return {name: _array(p) for name, p in _made(make, *arguments).named_parameters()}


# ---- between arrays and tensors ----------------------------------------------------------------------


def _leaf(array: Array) -> Tensor:
    return torch.tensor(array).requires_grad_()


def _array(tensor: Tensor) -> Array:
    return tensor.detach().cpu().numpy().copy()


def _gradient(leaf: Tensor) -> Array:
    return _array(torch.zeros_like(leaf) if leaf.grad is None else leaf.grad)


def _back(values: Sequence[Tensor], upstream: Sequence[Array]) -> None:
    """Go back from those values that hang on anything; a detached one hands nothing back."""
    pairs = [
        (value, torch.tensor(gradient, dtype=value.dtype))
        for value, gradient in zip(values, upstream, strict=True)
        if value.requires_grad
    ]
    if pairs:
        torch.autograd.backward(*zip(*pairs, strict=True))


# ---- modules -----------------------------------------------------------------------------------------


def _made(make: Callable, *arguments: Any) -> nn.Module:
    module = make(*arguments)
    if not isinstance(module, nn.Module):
        raise TypeError(f"expected a torch.nn.Module, not {_kind(module)}")
    return module


def _fill(module: nn.Module, weights: Mapping[str, Array]) -> None:
    """Give the module's parameters their values."""
    own = dict(module.named_parameters())
    for name in weights:
        if name not in own:
            has = ", ".join(own) or "none"
            raise AttributeError(f"the module has no parameter {name}; its parameters: {has}")
    for name, p in own.items():
        if name not in weights:
            raise AttributeError(f"the module has a parameter {name} that is not asked for")
        shape = tuple(p.shape)
        if shape != weights[name].shape:
            raise AttributeError(f"the parameter {name} has shape {shape}")
    with torch.no_grad():
        for name, value in weights.items():
            own[name].copy_(torch.tensor(value))


def _lstm_cell(W_x: Array, W_h: Array, b: Array) -> nn.LSTMCell:
    """PyTorch's own cell with these weights; its second bias is 0."""
    cell = nn.LSTMCell(W_x.shape[1], W_h.shape[1], dtype=torch.tensor(W_x).dtype)
    with torch.no_grad():
        for parameter, value in zip(cell.parameters(), (W_x, W_h, b, 0 * b), strict=True):
            parameter.copy_(torch.tensor(value))
    return cell


# ---- what came back ----------------------------------------------------------------------------------


def _kind(value: Any) -> str:
    return "None" if value is None else plain.article(plain.type_name(value))


def _tensor(value: Any, what: str) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(f"{what} is {_kind(value)}, not a tensor")
    return value


def _pair(value: Any, what: str, second: Any = Tensor) -> tuple:
    if not isinstance(value, tuple | list) or len(value) != 2:
        many = f", of {len(value)}" if isinstance(value, tuple | list) else ""
        raise TypeError(f"{what}; it returned {_kind(value)}{many}")
    if not isinstance(value[0], Tensor) or not isinstance(value[1], second):
        raise TypeError(f"{what}; it returned {_kind(value[0])} and {_kind(value[1])}")
    return tuple(value)
