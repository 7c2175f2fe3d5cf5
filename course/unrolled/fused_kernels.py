"""The two Triton kernels of ``unrolled.fused_cell``. Importing this module needs Triton.

Each program of a kernel handles BLOCK of the B·H elements: it reads the four gates and the state of
an element, does the whole step on them in registers, and writes what the step returns.
"""

from __future__ import annotations

import contextlib
import importlib

import torch

# By name, because triton is not among the requirements: it comes with PyTorch's CUDA builds alone.
triton = importlib.import_module("triton")
tl = importlib.import_module("triton.language")

BLOCK = 256


def forward(gates: torch.Tensor, c_prev: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """h_t, c_t (B, H) and the gates after their non-linearities (B, 4H); contiguous arguments."""
    h, c, opened = torch.empty_like(c_prev), torch.empty_like(c_prev), torch.empty_like(gates)
    if c.numel():
        with _on(gates):
            _forward[_grid(c)](gates, c_prev, h, c, opened, c.shape[1], c.numel(), BLOCK=BLOCK)
    return h, c, opened


def backward(dh, dc, opened, c_prev, c) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients at the gates (B, 4H) and at c_prev (B, H); contiguous arguments."""
    dgates, dc_prev = torch.empty_like(opened), torch.empty_like(c)
    if c.numel():
        with _on(opened):
            _backward[_grid(c)](
                dh, dc, opened, c_prev, c, dgates, dc_prev, c.shape[1], c.numel(), BLOCK=BLOCK
            )
    return dgates, dc_prev


def _grid(state: torch.Tensor) -> tuple[int]:
    return (triton.cdiv(state.numel(), BLOCK),)


def _on(tensor: torch.Tensor):
    """Triton launches on the current GPU, which need not be the tensor's."""
    return torch.cuda.device(tensor.device) if tensor.is_cuda else contextlib.nullcontext()


@triton.jit
def _tanh(x):
    # Triton has no tanh of its own; this form cannot overflow, and is exact to rounding of 1
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
def _forward(gates, c_prev, h, c, opened, H, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n  # the last program has fewer elements than BLOCK
    # element (row, column) of (B, H) has its gates in row `row` of (B, 4H), H apart
    first = at // H * 4 * H + at % H
    i = tl.sigmoid(tl.load(gates + first, mask=inside))
    f = tl.sigmoid(tl.load(gates + first + H, mask=inside))
    g = _tanh(tl.load(gates + first + 2 * H, mask=inside))
    o = tl.sigmoid(tl.load(gates + first + 3 * H, mask=inside))
    c_t = f * tl.load(c_prev + at, mask=inside) + i * g
    tl.store(c + at, c_t, mask=inside)
    tl.store(h + at, o * _tanh(c_t), mask=inside)
    tl.store(opened + first, i, mask=inside)
    tl.store(opened + first + H, f, mask=inside)
    tl.store(opened + first + 2 * H, g, mask=inside)
    tl.store(opened + first + 3 * H, o, mask=inside)


@triton.jit
def _backward(dh, dc, opened, c_prev, c, dgates, dc_prev, H, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    first = at // H * 4 * H + at % H
    i = tl.load(opened + first, mask=inside)
    f = tl.load(opened + first + H, mask=inside)
    g = tl.load(opened + first + 2 * H, mask=inside)
    o = tl.load(opened + first + 3 * H, mask=inside)
    tanh_c = _tanh(tl.load(c + at, mask=inside))
    dh_t = tl.load(dh + at, mask=inside)
    dc_t = tl.load(dc + at, mask=inside) + dh_t * o * (1 - tanh_c * tanh_c)
    tl.store(dgates + first, dc_t * g * i * (1 - i), mask=inside)
    tl.store(
        dgates + first + H, dc_t * tl.load(c_prev + at, mask=inside) * f * (1 - f), mask=inside
    )
    tl.store(dgates + first + 2 * H, dc_t * i * (1 - g * g), mask=inside)
    tl.store(dgates + first + 3 * H, dh_t * tanh_c * o * (1 - o), mask=inside)
    tl.store(dc_prev + at, dc_t * f, mask=inside)
