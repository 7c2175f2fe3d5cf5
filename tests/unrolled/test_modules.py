"""Probes: what they find out about a student's modules and loops, here and in another process."""

import runpy

import numpy as np
import pytest
import torch
from torch import nn

from autograder.authoring.reference import reference_namespace
from autograder.course import load_course
from autograder.grading.outcome import StudentCell
from autograder.grading.session import Grader
from unrolled import probes
from unrolled.behaviours import BEHAVIOURS
from unrolled.modules import (
    fresh_parameters,
    run_cell,
    run_function,
    run_layers,
    run_loader,
)
from unrolled.outcomes import observe, read_cases
from unrolled.step_methods import float32_products
from unrolled.training import (
    DEVICE,
    run_evaluation,
    run_pick_device,
    run_resume,
    run_training,
    uninterrupted,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


class Cell(nn.Module):
    """torch.nn's cell under the course's names of parameters."""

    def __init__(self, D, H):
        super().__init__()
        self.W_x = nn.Parameter(torch.randn(4 * H, D))
        self.W_h = nn.Parameter(torch.randn(4 * H, H))
        self.b = nn.Parameter(torch.randn(4 * H))

    def forward(self, x_t, state=None):
        state = (x_t.new_zeros(len(x_t), self.W_h.shape[1]),) * 2 if state is None else state
        return torch.lstm_cell(x_t, state, self.W_x, self.W_h, self.b, 0 * self.b)


class Stack(nn.Module):
    def __init__(self, cells, dropout=0.0):
        super().__init__()
        self.cells, self.dropout = nn.ModuleList(cells), nn.Dropout(dropout)

    def forward(self, x, states=None):
        states, out = list(states or [None] * len(self.cells)), []
        for x_t in x:
            for k, cell in enumerate(self.cells):
                states[k] = cell(self.dropout(x_t) if k else x_t, states[k])
                x_t = states[k][0]
            out.append(x_t)
        return torch.stack(out), states


def one_epoch(model, batches, optimizer, max_norm, device):
    model.train()
    total, state, number = 0.0, None, 0
    for x, y in batches:
        loss, state = model(x.to(device), y.to(device), state)
        state = [part.detach() for part in state]
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        optimizer.step()
        total, number = total + loss.item(), number + 1
    return total / number


def weights_of_cell(rng, D=3, H=4):
    shapes = {"W_x": (4 * H, D), "W_h": (4 * H, H), "b": (4 * H,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def small_network(rng, **settings):
    shapes = {"W_x": (4, 3), "W_h": (4, 4), "W_y": (2, 4), "W_e": (2, 4)}
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    batches = [(rng.normal(size=(5, 2, 3)), rng.normal(size=(2, 2))) for _ in range(3)]
    defaults = {"lr": 0.1, "max_norm": 0.5, "training": True, "stream": False, "epochs": 1}
    return weights, batches, defaults | settings


# ---- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", probes.PROBES)
def test_every_name_in_the_table_is_a_probe(name):
    assert probes.named(name).__name__ == name


@pytest.mark.parametrize("name", ["eval", "unrolled.modules", "_leaf", "", "run_cell "])
def test_nothing_else_is_ever_run_by_name(name):
    with pytest.raises(LookupError, match="no probe"):
        probes.named(name)


def test_a_stand_in_has_the_probe_run_where_the_function_is():
    class Elsewhere:
        def probed_by(self, name, *args):
            return name, args

    assert run_function(Elsewhere(), 1, 2, 3) == ("run_function", (1, 2, 3))


# ---- functions of tensors ------------------------------------------------------------------------


def test_a_function_gives_value_and_gradient(rng):
    x, w = rng.normal(size=(3, 4)), rng.normal(size=4)
    found = run_function(lambda x, w: (x * w).tanh(), x, (w,), np.full((3, 4), 2.0))
    assert np.allclose(found["value"], np.tanh(x * w))
    assert np.allclose(found["gradient"], 2 * w * (1 - np.tanh(x * w) ** 2))


def test_a_gradient_that_does_not_arrive_is_zeros(rng):
    found = run_function(lambda x: x.detach() * 2, rng.normal(size=3), (), np.ones(3))
    assert not found["gradient"].any()


def test_no_tensor_is_said_to_be_none():
    with pytest.raises(TypeError, match="the result is None, not a tensor"):
        run_function(lambda x: None, np.ones(3), (), np.ones(3))


# ---- modules -------------------------------------------------------------------------------------


def test_a_loaded_layer_is_run_backwards_too(rng):
    x, h0, c0, u = (rng.normal(size=shape) for shape in ((5, 2, 3), (2, 4), (2, 4), (5, 2, 4)))
    torch.manual_seed(0)
    layer = nn.LSTM(3, 4, dtype=torch.float64)
    before = {name: p.detach().clone() for name, p in layer.named_parameters()}
    found = run_loader(lambda: layer, (), x, (h0, c0), u)
    again = nn.LSTM(3, 4, dtype=torch.float64)
    again.load_state_dict(before)
    h, (h_T, c_T) = again(torch.tensor(x), (torch.tensor(h0[None]), torch.tensor(c0[None])))
    h.backward(torch.tensor(u))
    assert np.allclose(found["h"], h.detach().numpy())
    assert np.allclose(found["last"][1], c_T[0].detach().numpy())
    assert found["dstate"][0].shape == (2, 4)
    for name, p in again.named_parameters():
        assert np.allclose(found["parameters"][name], p.grad.numpy()), name


def test_weights_that_share_memory_are_changed(rng):
    W = rng.normal(size=(4, 3))
    kept = W.copy()

    def load(W):
        layer = nn.RNN(3, 4, dtype=torch.float64)
        layer.weight_ih_l0 = nn.Parameter(torch.from_numpy(W))
        return layer

    x, h0, u = (rng.normal(size=shape) for shape in ((5, 2, 3), (2, 4), (5, 2, 4)))
    run_loader(load, (W,), x, (h0,), u)
    assert np.allclose(W, kept + 1)


def test_a_cell_gives_what_torch_gives(rng):
    weights, x = weights_of_cell(rng), rng.normal(size=(2, 3))
    h, c, dh, dc = rng.normal(size=(4, 2, 4))
    found = run_cell(Cell, weights, x, (h, c), (dh, dc))
    cell = nn.LSTMCell(3, 4, dtype=torch.float64)
    with torch.no_grad():
        for p, value in zip(cell.parameters(), [*weights.values(), 0 * weights["b"]], strict=True):
            p.copy_(torch.tensor(value))
    leaf = torch.tensor(x, requires_grad=True)
    out = cell(leaf, (torch.tensor(h), torch.tensor(c)))
    torch.autograd.backward(out, (torch.tensor(dh), torch.tensor(dc)))
    assert np.allclose(found["c_t"], out[1].detach().numpy())
    assert np.allclose(found["dx_t"], leaf.grad.numpy())
    assert np.allclose(found["parameters"]["W_h"], cell.weight_hh.grad.numpy())
    assert run_cell(Cell, weights, x, None, (dh, dc))["dh_prev"].shape == (2, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda cell: delattr(cell, "b"), "no parameter b; its parameters: W_x, W_h"),
        (lambda cell: setattr(cell, "more", nn.Parameter(torch.ones(1))), "a parameter more that"),
        (lambda cell: setattr(cell, "b", nn.Parameter(torch.ones(1))), r"b has shape \(1,\)"),
    ],
)
def test_parameters_that_do_not_fit_are_named(rng, change, message):
    def make(D, H):
        cell = Cell(D, H)
        change(cell)
        return cell

    with pytest.raises(AttributeError, match=message):
        run_cell(make, weights_of_cell(rng), np.ones((2, 3)), None, np.ones((2, 2, 4)))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "it returned None"),
        ((1, 2), "it returned an int and an int"),
        ((1,), "it returned a tuple, of 1"),
    ],
)
def test_what_a_cell_returns_instead_is_named(rng, returned, message):
    class Odd(Cell):
        def forward(self, x_t, state=None):
            return returned

    with pytest.raises(TypeError, match=f"forward returns h_t and c_t; {message}"):
        run_cell(Odd, weights_of_cell(rng), np.ones((2, 3)), None, np.ones((2, 2, 4)))


def test_no_module_is_said_to_be_none():
    with pytest.raises(TypeError, match="not a dict"):
        fresh_parameters(lambda: {}, ())


def test_stacked_cells_are_seen_with_their_gradients(rng):
    weights = [weights_of_cell(rng), weights_of_cell(rng, D=4)]
    x, u = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))
    found = run_layers(Stack, weights, 0.0, True, x, None, u)
    assert found["registered"] == 8
    assert found["last_h"].shape == (2, 2, 4)
    assert np.array_equal(found["last_h"][1], found["h"][-1])
    assert all(cell["W_x"].any() for cell in found["cells"])
    cut = run_layers(Stack, weights, 1.0, True, x, None, u)
    assert not cut["dx"].any() and cut["cells"][1]["b"].any()
    kept = run_layers(Stack, weights, 1.0, False, x, None, u)
    assert np.array_equal(kept["h"], found["h"])


def test_cells_in_a_plain_list_are_not_registered(rng):
    class Hidden(Stack):
        def __init__(self, cells, dropout=0.0):
            super().__init__([], dropout)
            del self.cells
            self.cells = list(cells)

    weights = [weights_of_cell(rng)]
    found = run_layers(
        Hidden, weights, 0.0, True, rng.normal(size=(5, 2, 3)), None, np.ones((5, 2, 4))
    )
    assert found["registered"] == 0


# ---- loops ---------------------------------------------------------------------------------------


def test_training_changes_what_it_should(rng):
    weights, batches, settings = small_network(rng)
    found = run_training(one_epoch, weights, batches, settings)
    assert found["devices"] == [DEVICE] * 6
    assert isinstance(found["loss"], float)
    assert not np.allclose(found["weights"]["W_h"], weights["W_h"])
    assert np.array_equal(found["weights"]["W_e"], weights["W_e"])


def test_the_mode_a_model_comes_in_and_streams_do_not_matter_to_a_right_loop(rng):
    weights, batches, settings = small_network(rng)
    found = [
        run_training(one_epoch, weights, batches, settings | {"training": t, "stream": not t})
        for t in (True, False)
    ]
    assert found[0]["loss"] == found[1]["loss"]


def test_without_dropout_training_ends_elsewhere(rng):
    weights, batches, settings = small_network(rng, training=False)

    def stays_in_evaluation(model, *args):
        model.train = lambda mode=True: model
        return one_epoch(model, *args)

    found = run_training(stays_in_evaluation, weights, batches, settings)
    assert not np.array_equal(found["weights"]["W_e"], weights["W_e"])


def test_a_batch_that_was_not_moved_is_refused(rng):
    def unmoved(model, batches, *rest):
        (x, y), *_ = batches
        model(x.to(DEVICE), y)

    with pytest.raises(RuntimeError, match="same device.*the y of a batch"):
        run_training(unmoved, *small_network(rng))


def test_a_loss_that_is_no_number_is_refused(rng):
    with pytest.raises(TypeError, match="train_epoch returns a float; it returned a Tensor"):
        run_training(lambda *args: torch.ones(()), *small_network(rng))


def test_evaluation_tells_mode_and_gradients(rng):
    def judge(model, batches, device):
        model.eval()
        with torch.no_grad():
            losses = [model(x.to(device), y.to(device))[0].item() for x, y in batches]
        return float(np.mean(losses))

    weights, batches, _ = small_network(rng)
    settings = {"training": True, "stream": True}
    found = run_evaluation(judge, weights, batches, settings)
    assert (found["training"], found["recorded"]) == (False, False)
    recording = run_evaluation(
        lambda model, batches, device: [
            model(x.to(device), y.to(device))[0].item() for x, y in batches
        ][-1],
        weights,
        batches,
        settings,
    )
    assert (recording["training"], recording["recorded"]) == (True, True)


# ---- checkpoints and devices ---------------------------------------------------------------------


def save_everything(path, model, optimizer, scheduler, epoch):
    parts = [part.state_dict() for part in (model, optimizer, scheduler)]
    torch.save([parts, epoch, torch.get_rng_state()], path)


def load_checkpoint(path, model, optimizer, scheduler):
    parts, epoch, generator = torch.load(path)
    for part, state in zip((model, optimizer, scheduler), parts, strict=True):
        part.load_state_dict(state)
    torch.set_rng_state(generator)
    return epoch


def test_a_whole_checkpoint_resumes_to_the_last_bit():
    before = torch.get_rng_state()
    found, whole = run_resume(save_everything, 3, 2, 5), uninterrupted(3, 5)
    assert found["epoch"] == 2
    assert np.array_equal(found["losses"], whole["losses"])
    assert np.array_equal(found["weights"], whole["weights"])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_checkpoint_that_is_not_written_is_told():
    with pytest.raises(FileNotFoundError, match="save_checkpoint writes no file"):
        run_resume(lambda *args: None, 3, 2, 5)


def test_loading_is_looked_up_where_saving_was_defined():
    with pytest.raises(NameError, match="load_checkpoint is not defined"):
        run_resume(nn.functional.relu, 3, 2, 5)


@pytest.mark.parametrize(
    ("cuda", "mps", "kind"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_a_device_is_picked_as_on_another_machine(cuda, mps, kind):
    def pick():
        if torch.cuda.is_available():
            return torch.device("cuda")
        return "mps" if torch.backends.mps.is_available() else torch.device("cpu")

    before = torch.cuda.is_available()
    assert run_pick_device(pick, cuda, mps) == kind
    assert torch.cuda.is_available() == before


# ---- behaviours ----------------------------------------------------------------------------------


def raises(*args):
    raise ValueError("no")


@pytest.mark.parametrize("name", sorted(n for n, b in BEHAVIOURS.items() if b.takes is not None))
@pytest.mark.parametrize("odd", [lambda *args: None, lambda *args: object(), raises, dict, 7])
def test_no_answer_breaks_a_behaviour(name, odd):
    exercises = load_course().select(["07_pytorch"])[0].exercises.values()
    found = [read_cases(e.name, runpy.run_path(str(e.cases_file))) for e in exercises]
    spec, cases = next(pair for pair in found if pair[0].observe == name)
    outcome = observe(odd, cases[0], spec)
    assert outcome.raised is not None or outcome.observed is None


# ---- under the grader ----------------------------------------------------------------------------


TAMPERED = """
import numpy as np
import unrolled.modules
import unrolled.probes

def claims_all_is_well(*args):
    return {"value": np.array(1.0), "gradient": np.zeros_like(args[1])}

unrolled.modules.run_function = claims_all_is_well
unrolled.probes.named = lambda name: claims_all_is_well

def masked_loss(losses, lengths):
    return losses.mean()
"""


def test_replacing_the_toolbox_earns_nothing():
    course = load_course()
    exercise = course.select(["07_pytorch"])[0].exercises["masked_loss"]
    with Grader(course, sandbox="none") as grader:
        statuses = []
        for source in (exercise.solution, TAMPERED):
            cells = [
                StudentCell("imports", exercise.chapter.imports, "code"),
                StudentCell("masked_loss", source, "solution"),
                StudentCell(exercise.test_id, exercise.test, "test"),
            ]
            graded = grader.grade(exercise.chapter, cells).exercises["masked_loss"]
            statuses.append((graded.status, graded.earned))
    assert statuses == [("passed", exercise.points), ("failed", 0)]


# ---- on a GPU ------------------------------------------------------------------------------------


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU; PyTorch finds none")
@pytest.mark.parametrize(("dtype", "limit"), [("float64", 1e-12), ("float32", 3e-6)])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_loaded_layer_gives_the_same_on_a_gpu(rng, kind, dtype, limit):
    namespace = reference_namespace(load_course().select(["07_pytorch"])[0])
    rows = {"rnn": 32, "lstm": 128, "gru": 96}[kind]
    shapes = [(rows, 12), (rows, 32), (rows,), *([(rows,)] if kind == "gru" else [])]
    weights = [rng.uniform(-0.2, 0.2, size=shape) for shape in shapes]
    x, u = rng.normal(size=(50, 8, 12)), rng.normal(size=(50, 8, 32))

    def results(device, dtype):
        layer = namespace[f"load_{kind}"](*(w.astype(dtype) for w in weights)).to(device)
        leaf = torch.tensor(x.astype(dtype), device=device, requires_grad=True)
        h, _ = layer(leaf)
        h.backward(torch.tensor(u.astype(dtype), device=device))
        parts = [h, leaf.grad, *(p.grad for p in layer.parameters())]
        return [part.detach().cpu().double() for part in parts]

    with float32_products(tf32=False):
        pairs = zip(results("cuda", dtype), results("cpu", "float64"), strict=True)
        for mine, right in pairs:
            assert (mine - right).abs().max() < limit * right.abs().max()
