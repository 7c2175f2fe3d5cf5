"""The ways to run one training step of an LSTM layer that ``unrolled.step_times`` compares.

A training step is a forward pass over T steps and a backward pass with every gradient (inputs,
first states, all weights), from a given gradient at the states. All methods run the same problem.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from unrolled import fused_cell


@dataclass(frozen=True)
class Size:
    """T time steps, B sequences, D inputs, H hidden units."""

    T: int
    B: int
    H: int
    D: int

    @property
    def flops(self) -> int:
        """Floating-point operations of the matrix products: forward once, backward twice."""
        return 3 * 2 * self.T * self.B * 4 * self.H * (self.D + self.H)

    def bytes(self, itemsize: int) -> int:
        """The fewest bytes that move if nothing is kept on the chip from one time step to the next.

        Each of the T steps reads W_h forward and again backward; reads and writes gates, states and
        their gradients. The products of all steps at once (the input's, dW_x, dW_h, dx) read and
        write their operands once.
        """
        T, B, H, D = self.T, self.B, self.H, self.D
        every_step = 8 * H * H + 44 * B * H + 3 * B * D
        return itemsize * (T * every_step + 12 * H * D + 4 * H * H)


class Problem:
    """One layer and a batch, float32, on a device; the same numbers for every method.

    x: (T, B, D), h0, c0: (B, H), W_x: (4H, D), W_h: (4H, H), b: (4H,), dh: (T, B, H), the gradient
    that arrives at the states. Global random generators are left as they are.
    """

    def __init__(self, size: Size, device: torch.device):
        self.size, self.device = size, device
        generator = torch.Generator(device=device).manual_seed(0)

        def draw(*shape: int) -> torch.Tensor:
            # never zeros: arithmetic on zeros can be faster than on real data
            values = torch.randn(*shape, device=device, generator=generator)
            return values / shape[-1] ** 0.5

        T, B, H, D = size.T, size.B, size.H, size.D
        self.x = draw(T, B, D).requires_grad_()
        self.h0, self.c0 = draw(B, H).requires_grad_(), draw(B, H).requires_grad_()
        self.W_x, self.W_h = draw(4 * H, D).requires_grad_(), draw(4 * H, H).requires_grad_()
        self.b = draw(4 * H).requires_grad_()
        self.dh = draw(T, B, H)

    @property
    def leaves(self) -> list[torch.Tensor]:
        """What every method gives the gradients of, in this order."""
        return [self.x, self.h0, self.c0, self.W_x, self.W_h, self.b]


def lstm_step(x_t, h_prev, c_prev, W_x, W_h, b):
    """One step of an LSTM, gate blocks i, f, g, o: x_t (B, D), states (B, H) to h_t, c_t (B, H)."""
    i, f, g, o = (x_t @ W_x.T + h_prev @ W_h.T + b).chunk(4, dim=1)
    c_t = torch.sigmoid(i) * torch.tanh(g) + torch.sigmoid(f) * c_prev
    h_t = torch.sigmoid(o) * torch.tanh(c_t)
    return h_t, c_t


def lstm_loop(x, h, c, W_x, W_h, b, step=lstm_step):
    """The readable loop over cells: x (T, B, D), first states (B, H) to all h, (T, B, H)."""
    states = []
    for x_t in x:
        h, c = step(x_t, h, c, W_x, W_h, b)
        states.append(h)
    return torch.stack(states)


@dataclass(frozen=True)
class Runner:
    """A method made ready for a problem.

    step(): one training step, returning the gradients of ``Problem.leaves``. forward(): the states
    alone, (T, B, H), or None where a method has no such part.
    """

    step: Callable[[], object]
    forward: Callable[[], torch.Tensor] | None = None


@dataclass(frozen=True)
class Method:
    """A way to run the step: what to call it, how to make it ready, and why a device lacks it."""

    name: str
    label: str
    dtype: str  # fp32, tf32 (float32 data, TF32 products) or bf16
    make: Callable[[Problem], Runner]
    missing: Callable[[torch.device], str | None] = lambda device: None
    compiles: bool = False
    axes: tuple[str, ...] = ("H", "T", "B")  # along which it is measured; none: at the centre only


def _differentiated(problem: Problem, forward: Callable[[], torch.Tensor], leaves) -> Callable:
    dh = {problem.dh.dtype: problem.dh}

    def step():
        h = forward()
        if h.dtype not in dh:
            dh[h.dtype] = problem.dh.to(h.dtype)
        return torch.autograd.grad(h, leaves, dh[h.dtype])

    return step


def _loop(problem: Problem) -> Runner:
    def forward():
        return lstm_loop(*problem.leaves)

    return Runner(_differentiated(problem, forward, problem.leaves), forward)


def _fused(problem: Problem) -> Runner:
    def forward():
        return lstm_loop(*problem.leaves, step=fused_cell.fused_lstm_step)

    return Runner(_differentiated(problem, forward, problem.leaves), forward)


def _compiled(problem: Problem) -> Runner:
    # compiled once for all sizes, which costs no speed that could be measured
    compiled = torch.compile(lstm_step, fullgraph=True, dynamic=True)

    def forward():
        return lstm_loop(*problem.leaves, step=compiled)

    # forward alone, without gradients, would be compiled again
    return Runner(_differentiated(problem, forward, problem.leaves))


def _compiled_loop(problem: Problem) -> Runner:
    # all T steps become one program, so each T is compiled anew
    compiled = torch.compile(lstm_loop, fullgraph=True, dynamic=False)
    return Runner(_differentiated(problem, lambda: compiled(*problem.leaves), problem.leaves))


def _graph(problem: Problem) -> Runner:
    """The loop's step, recorded once and replayed: one launch for all its kernels."""
    step = _loop(problem).step
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # a recording must not be the first thing to set libraries up
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        gradients = step()

    def replay():
        graph.replay()
        return gradients

    return Runner(replay)


def _module(problem: Problem, *, bf16: bool = False) -> Runner:
    size = problem.size
    # all its weights are set below, and drawing them would move the reader's random generator on
    module = torch.nn.LSTM(size.D, size.H, device="meta").to_empty(device=problem.device)
    with torch.no_grad():
        module.weight_ih_l0.copy_(problem.W_x)
        module.weight_hh_l0.copy_(problem.W_h)
        module.bias_ih_l0.copy_(problem.b)
        module.bias_hh_l0.zero_()
    h0 = problem.h0.detach()[None].requires_grad_()
    c0 = problem.c0.detach()[None].requires_grad_()
    leaves = [problem.x, h0, c0, module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0]
    leaves.append(module.bias_hh_l0)  # a seventh gradient, the sixth's twin

    def forward():
        with torch.autocast(problem.device.type, torch.bfloat16, enabled=bf16):
            return module(problem.x, (h0, c0))[0]

    return Runner(_differentiated(problem, forward, leaves), forward)


def _module_bf16(problem: Problem) -> Runner:
    return _module(problem, bf16=True)


# --- what a device lacks ------------------------------------------------------------------------


def _needs_cuda(device: torch.device) -> str | None:
    return None if device.type == "cuda" else "needs an NVIDIA GPU"


def _needs_tf32(device: torch.device) -> str | None:
    if device.type != "cuda":
        return "needs an NVIDIA GPU"
    if torch.cuda.get_device_capability(device) < (8, 0):
        return "TF32 came with compute capability 8.0, and this GPU is older"
    return None


def _needs_fused_cell(device: torch.device) -> str | None:
    if device.type != "cuda":
        return "needs an NVIDIA GPU"
    able, reason = fused_cell.available()
    return None if able else reason


def _needs_compiler(device: torch.device) -> str | None:
    """What torch.compile lacks here: a C++ compiler with Python's headers, or Triton on CUDA."""
    if device.type == "mps":
        return "torch.compile for Apple's GPUs is not measured"
    if device.type == "cuda":
        if torch.cuda.get_device_capability(device) < (7, 0):
            return "torch.compile needs compute capability 7.0, and this GPU is older"
        if importlib.util.find_spec("triton") is None:
            return "torch.compile needs the package triton here, and it is not installed"
        return None
    names = [os.environ.get("CXX")] if os.environ.get("CXX") else ["g++", "clang++", "c++"]
    names += ["cl"] if sys.platform == "win32" else []
    if not any(shutil.which(name) for name in names):
        return f"torch.compile needs a C++ compiler on a CPU, and none was found ({names[0]})"
    return None


METHODS = (
    Method("loop", "loop over cells", "fp32", _loop),
    Method("compiled", "torch.compile", "fp32", _compiled, _needs_compiler, compiles=True),
    Method("graph", "CUDA graph", "fp32", _graph, _needs_cuda),
    Method("nn", "nn.LSTM", "fp32", _module),
    Method("nn_bf16", "nn.LSTM, bf16", "bf16", _module_bf16),
    Method("nn_tf32", "nn.LSTM, TF32", "tf32", _module, _needs_tf32, axes=()),
    Method("fused", "loop, fused cell", "fp32", _fused, _needs_fused_cell, axes=()),
    Method(
        "compiled_loop",
        "torch.compile, whole loop",
        "fp32",
        _compiled_loop,
        _needs_compiler,
        compiles=True,
        axes=("T",),
    ),
)
BY_NAME = {method.name: method for method in METHODS}
ITEMSIZE = {"fp32": 4, "tf32": 4, "bf16": 2}


@contextlib.contextmanager
def float32_products(tf32: bool) -> Iterator[None]:
    """Within it, float32 matrix products and cuDNN's layers on CUDA round to TF32, or do not."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32, cudnn.allow_tf32 = tf32, tf32
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
