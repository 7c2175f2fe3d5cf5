"""Looks at what a student's training loop, checkpoint and choice of device do, as numbers.

Everything public here is a probe (``unrolled.probes``). The models are tiny, in float64 on the CPU, and
made so that each common slip ends in other numbers: dropout with probability 1 is in force in
training and gone in evaluation, the state goes on from batch to batch, and what was not moved to the
device is refused as a GPU would refuse it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn

from unrolled import plain
from unrolled.probes import probe

Array = np.ndarray

DEVICE = "cpu:0"
"""The device that loops are told to use: the CPU, by a name that nobody writes into a loop."""


# ---- one epoch ---------------------------------------------------------------------------------------


class _Carrying(nn.Module):
    """A tanh network whose state goes on from batch to batch; its loss is a mean of squares."""

    def __init__(self, weights: Mapping[str, Array]):
        super().__init__()
        for name, value in weights.items():
            setattr(self, name, nn.Parameter(torch.tensor(value)))
        self.dropout = nn.Dropout(1.0)
        self.recorded = False
        """Whether it was ever run with gradients."""

    def forward(self, x: Tensor, y: Tensor, state: tuple | None = None) -> tuple[Tensor, tuple]:
        for name, part in (("x", x), ("y", y)):
            if isinstance(part, _Unmoved):
                raise RuntimeError(
                    "Expected all tensors to be on the same device: the model is on the device "
                    f"that was asked for, and the {name} of a batch is not"
                )
        self.recorded = self.recorded or torch.is_grad_enabled()
        h = torch.zeros(x.shape[1], len(self.W_h), dtype=x.dtype) if state is None else state[0]
        for x_t in x:
            h = torch.tanh(x_t @ self.W_x.T + h @ self.W_h.T)
        prediction = h @ self.W_y.T + self.dropout(h) @ self.W_e.T
        return ((prediction - y) ** 2).mean(), (h,)


class _Unmoved(Tensor):
    """A tensor that was not moved to the device yet; where it is sent is written down."""

    sent: list[str]

    @classmethod
    def of(cls, array: Array, sent: list[str]) -> _Unmoved:
        tensor = torch.tensor(array).as_subclass(cls)
        tensor.sent = sent
        return tensor

    def to(self, *args: Any, **options: Any) -> Tensor:
        device = args[0] if args else options.get("device")
        self.sent.append(str(torch.device(device)))
        return self.as_subclass(Tensor).to(*args, **options)


@probe
def run_training(
    train_epoch: Callable,
    weights: Mapping[str, Array],
    batches: Sequence[tuple[Array, Array]],
    settings: Mapping[str, Any],
) -> dict:
    """Train a small network with ``train_epoch(model, batches, optimizer, max_norm, device)``.

    weights: W_x (H, D), W_h (H, H), W_y (K, H) and W_e (K, H), whose share is seen in evaluation only.
    batches: x (T, B, D) and y (B, K) each. settings: ``lr``, ``max_norm``, ``training`` (the mode that
    the model arrives in), ``stream`` (batches come one by one and have no length) and ``epochs`` (how
    often it is called).
    Returns ``loss``, what the last epoch returned, ``weights`` after it, and ``devices``, where the
    batches were sent. Raises TypeError where no float is returned.
    """
    model = _Carrying(weights).train(settings["training"])
    optimizer = torch.optim.SGD(model.parameters(), lr=settings["lr"])
    sent: list[str] = []
    for _ in range(settings["epochs"]):
        data = [tuple(_Unmoved.of(part, sent) for part in batch) for batch in batches]
        loss = train_epoch(
            model,
            iter(data) if settings["stream"] else data,
            optimizer,
            settings["max_norm"],
            DEVICE,
        )
    return {
        "loss": _float(loss, "train_epoch"),
        "weights": {name: p.detach().numpy().copy() for name, p in model.named_parameters()},
        "devices": sent,
    }


@probe
def run_evaluation(
    evaluate: Callable,
    weights: Mapping[str, Array],
    batches: Sequence[tuple[Array, Array]],
    settings: Mapping[str, Any],
) -> dict:
    """Evaluate a small network with ``evaluate(model, batches, device)``.

    weights, batches: as for ``run_training``. settings: ``training`` (the mode that the model arrives
    in) and ``stream``.
    Returns ``loss``, ``training`` (the model's mode afterwards), ``recorded`` (whether gradients were
    on while it ran) and ``devices``. Raises TypeError where no float is returned.
    """
    model = _Carrying(weights).train(settings["training"])
    sent: list[str] = []
    data = [tuple(_Unmoved.of(part, sent) for part in batch) for batch in batches]
    loss = evaluate(model, iter(data) if settings["stream"] else data, DEVICE)
    return {
        "loss": _float(loss, "evaluate"),
        "training": model.training,
        "recorded": model.recorded,
        "devices": sent,
    }


def _float(value: Any, name: str) -> float:
    if not isinstance(value, float):
        kind = "None" if value is None else plain.article(plain.type_name(value))
        raise TypeError(f"{name} returns a float; it returned {kind}")
    return float(value)


# ---- stopping and going on ---------------------------------------------------------------------------


class _Drawing(nn.Module):
    """A small network with dropout: what it learns depends on the random numbers that were drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 6, dtype=torch.float64)
        self.dropout = nn.Dropout(0.5)
        self.second = nn.Linear(6, 1, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.dropout(torch.tanh(self.first(x))))


def _new_run(seed: int) -> tuple[nn.Module, torch.optim.Optimizer, Any]:
    torch.manual_seed(seed)
    model = _Drawing()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    return model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)


def _train(model: nn.Module, optimizer: Any, scheduler: Any, first: int, last: int) -> list[float]:
    """Epochs ``first`` to ``last`` - 1; each draws its data from torch's generator. The losses."""
    losses = []
    for epoch in range(first, last):
        for _ in range(3):
            x = torch.randn(4, 3, dtype=torch.float64)
            loss = ((model(x) - x.sum(1, keepdim=True) - epoch) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        scheduler.step()
    return losses


def uninterrupted(seed: int, epochs: int) -> dict[str, Any]:
    """What ``run_resume`` finds where nothing was lost: ``weights`` (one array) and ``losses``."""
    with _own_generator():
        run = _new_run(seed)
        losses = _train(*run, 0, epochs)
        return {"weights": _weights(run[0]), "losses": np.array(losses), "epoch": epochs}


@probe
def run_resume(save: Callable, seed: int, stop: int, epochs: int) -> dict[str, Any]:
    """Train, save after ``stop`` epochs, load into a fresh run, and train to ``epochs``.

    save: ``save_checkpoint(path, model, optimizer, scheduler, epoch)``; ``load_checkpoint(path, model,
    optimizer, scheduler)``, which returns the epoch, is looked up where save was defined.
    The epochs that are still to do are counted from what loading returned, at most ``epochs`` of them.
    After saving, the first run trains on for an epoch: a checkpoint must not follow it.
    Returns ``weights`` at the end (one array), ``losses`` of all steps, and ``epoch``, as loaded.
    Raises NameError where there is no load_checkpoint.
    """
    load = getattr(save, "__globals__", {}).get("load_checkpoint")
    if load is None:
        raise NameError("load_checkpoint is not defined")
    with _own_generator(), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        run = _new_run(seed)
        losses = _train(*run, 0, stop)
        save(path, *run, stop)
        if not os.path.isfile(path):
            raise FileNotFoundError("save_checkpoint writes no file of the name that it was given")
        _train(*run, stop, stop + 1)
        again = _new_run(seed + 1)
        epoch = load(path, *again)
        if type(epoch) is not int:
            kind = "None" if epoch is None else plain.article(plain.type_name(epoch))
            raise TypeError(f"load_checkpoint returns the epoch, an int; it returned {kind}")
        losses += _train(*again, epoch, min(epochs, epoch + epochs))
        return {"weights": _weights(again[0]), "losses": np.array(losses), "epoch": epoch}


def _weights(model: nn.Module) -> Array:
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()]).numpy()


@contextlib.contextmanager
def _own_generator() -> Iterator[None]:
    """torch's generator is afterwards as it was."""
    kept = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(kept)


# ---- devices -----------------------------------------------------------------------------------------


@probe
def run_pick_device(pick: Callable, cuda: bool, mps: bool) -> str:
    """What ``pick()`` chooses on a machine with or without CUDA and MPS, as text such as "cuda:0"."""
    kind = "cuda" if cuda else "mps" if mps else None
    found = torch.device(kind) if kind else None
    with contextlib.ExitStack() as stack:
        for where, name, answer in (
            (torch.cuda, "is_available", cuda),
            (torch.cuda, "device_count", int(cuda)),
            (torch.backends.mps, "is_available", mps),
            (torch.backends.mps, "is_built", mps),
            (torch.mps, "device_count", int(mps)),
            (torch.mps, "is_available", mps),
            (torch.accelerator, "is_available", bool(kind)),
            (torch.accelerator, "device_count", int(bool(kind))),
            (torch.accelerator, "current_accelerator", found),
        ):
            if hasattr(where, name):
                stack.enter_context(
                    mock.patch.object(where, name, lambda *_, answer=answer, **__: answer)
                )
        return str(pick())
