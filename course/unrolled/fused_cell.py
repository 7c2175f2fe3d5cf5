"""The element-wise part of an LSTM step as one kernel, written in Triton: forward and backward.

A step of the readable loop is two matrix products and then some ten small operations on (B, H)
arrays: four gates, two products and a sum, two tanh. On a GPU each of them is a kernel of its own
that reads its inputs from memory and writes its result back. ``pointwise`` does them in one kernel
that touches each number once, and its backward pass in another. The kernels stand in
``unrolled.fused_kernels``; where they cannot run, ``pointwise`` does the same in plain torch.

Triton comes with PyTorch's CUDA builds and is imported only when a kernel first runs.
"""

from __future__ import annotations

import importlib.util

import torch


def available() -> tuple[bool, str]:
    """Whether the Triton kernels run here, and why, or why not: (True, "NVIDIA …, Triton")."""
    if not torch.cuda.is_available():
        return False, "needs an NVIDIA GPU: torch.cuda.is_available() is False"
    if torch.version.hip is not None:
        return False, "tried on NVIDIA GPUs only, and this PyTorch is built for AMD's"
    if torch.cuda.get_device_capability() < (7, 0):
        return False, "Triton needs compute capability 7.0, and this GPU is older"
    if importlib.util.find_spec("triton") is None:
        return False, "needs the package triton, which is not installed"
    return True, f"{torch.cuda.get_device_name()}, Triton"


def pointwise(
    gates: torch.Tensor, c_prev: torch.Tensor, *, kernel: bool | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """h_t and c_t of an LSTM step from its gates before their non-linearities; differentiable once.

    gates: (B, 4H), blocks in the order i, f, g, o. c_prev: (B, H), same dtype (float32 or float64)
    and device. Returns h_t, c_t: (B, H).
    kernel: True for the Triton kernel, False for the same formulas in torch; by default the kernel
    where ``available()`` and the arrays are on the GPU.
    Raises ValueError if the shapes, dtypes or devices do not fit.
    """
    if gates.ndim != 2 or c_prev.ndim != 2 or gates.shape != (c_prev.shape[0], 4 * c_prev.shape[1]):
        raise ValueError(
            f"gates {tuple(gates.shape)} and c_prev {tuple(c_prev.shape)} must be (B, 4H) and (B, H)"
        )
    if gates.dtype != c_prev.dtype or gates.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"gates are {gates.dtype} and c_prev {c_prev.dtype}: both must be float32 or float64"
        )
    if gates.device != c_prev.device:
        raise ValueError(f"gates are on {gates.device} and c_prev on {c_prev.device}")
    if kernel is None:
        kernel = gates.is_cuda and available()[0]
    return _Pointwise.apply(gates, c_prev, kernel)


def fused_lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    """One LSTM step with ``pointwise``: x_t (B, D), states (B, H), weights as in torch.nn."""
    return pointwise(x_t @ W_x.T + h_prev @ W_h.T + b, c_prev)


def forward_formulas(gates: torch.Tensor, c_prev: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What the forward kernel computes: h_t, c_t (B, H) and the gates after them, (B, 4H)."""
    i, f, g, o = gates.chunk(4, dim=1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c_prev + i * g
    return o * torch.tanh(c), c, torch.cat([i, f, g, o], dim=1)


def backward_formulas(dh, dc, opened, c_prev, c) -> tuple[torch.Tensor, torch.Tensor]:
    """What the backward kernel computes: the gradients at the gates (B, 4H) and at c_prev (B, H).

    dh, dc: (B, H), the gradients that arrive at h_t and c_t. opened: (B, 4H), the gates after their
    non-linearities. c_prev, c: (B, H).
    """
    i, f, g, o = opened.chunk(4, dim=1)
    tanh_c = torch.tanh(c)
    dc = dc + dh * o * (1 - tanh_c**2)
    dgates = torch.cat(
        [
            dc * (g * i * (1 - i)),
            dc * c_prev * f * (1 - f),
            dc * (i * (1 - g**2)),
            dh * tanh_c * o * (1 - o),
        ],
        dim=1,
    )
    return dgates, dc * f


class _Pointwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gates, c_prev, kernel):
        gates, c_prev = gates.contiguous(), c_prev.contiguous()
        if kernel:
            from unrolled import fused_kernels

            h, c, opened = fused_kernels.forward(gates, c_prev)
        else:
            h, c, opened = forward_formulas(gates, c_prev)
        ctx.save_for_backward(opened, c_prev, c)
        ctx.kernel = kernel
        return h, c

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dh, dc):
        opened, c_prev, c = ctx.saved_tensors
        dh, dc = dh.contiguous(), dc.contiguous()
        if ctx.kernel:
            from unrolled import fused_kernels

            return *fused_kernels.backward(dh, dc, opened, c_prev, c), None
        return *backward_formulas(dh, dc, opened, c_prev, c), None
