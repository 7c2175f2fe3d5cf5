"""What only an NVIDIA GPU can show: that our networks give the same numbers there.

    .venv/bin/pytest -m cuda tests        runs these and nothing else

Without a GPU every one of them is reported as skipped, with the reason.
"""

import numpy as np
import pytest
import torch

from autograder.authoring.reference import reference_namespace
from unrolled import fused_cell, step_limits, step_methods, step_results, step_times
from unrolled.step_methods import BY_NAME, Problem, Size, float32_products

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason="needs an NVIDIA GPU: torch.cuda.is_available() is False",
    ),
]

T, B, D, H = 12, 5, 4, 7
SIZE = Size(T=16, B=8, H=32, D=12)
TOLERANCE = {"float64": 1e-12, "float32": 1e-6}
CHAPTERS = {"RNN": "02_bptt", "LSTM": "05_lstm", "GRU": "06_gru"}
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
PARAMETERS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


@pytest.fixture
def cuda():
    return step_times.find_device("cuda")


@pytest.fixture(autouse=True)
def exact_products():
    """TF32 off: with it, float32 agrees to three digits only."""
    with float32_products(tf32=False):
        yield


@pytest.fixture(scope="module")
def taught(course):
    """The functions that the chapters teach, by name."""
    names = {}
    for chapter in CHAPTERS.values():
        names |= reference_namespace(course.chapters[chapter])
    return names


def relative(found, wanted):
    """Distance over size, of a tensor on the GPU and a tensor or array in any precision."""
    found = found.detach().cpu().double()
    wanted = torch.as_tensor(wanted).detach().cpu().double()
    assert found.shape == wanted.shape
    return float((found - wanted).norm() / wanted.norm())


def ours(taught, cell):
    """A random layer, its states and its gradients from the chapters' NumPy functions, float64.

    The numbers are float32's, so that both precisions start from the same ones. Returns the weights
    as torch.nn lays them out (PARAMETERS), x, the first states, dh, the states h and the gradients
    of x, the first states and the weights.
    """
    rng = np.random.default_rng(0)

    def draw(*shape):
        return (rng.normal(size=shape) / np.sqrt(H)).astype(np.float32).astype(np.float64)

    rows = GATES[cell] * H
    W_x, W_h, b_x, b_h = draw(rows, D), draw(rows, H), draw(rows), draw(rows)
    x, h0, c0, dh = draw(T, B, D), draw(B, H), draw(B, H), draw(T, B, H)
    if cell == "RNN":
        h = taught["rnn_forward"](x, h0, W_x, W_h, b_x + b_h)
        dx, dh0, dW_x, dW_h, db = taught["rnn_backward"](dh, x, h0, h, W_x, W_h)
        states, dstates, gradients = [h0], [dh0], [dW_x, dW_h, db, db]
    elif cell == "LSTM":
        h, c, gates = taught["lstm_forward"](x, h0, c0, W_x, W_h, b_x + b_h)
        dx, dh0, dc0, dW_x, dW_h, db = taught["lstm_backward"](dh, x, h0, c0, h, c, gates, W_x, W_h)
        states, dstates, gradients = [h0, c0], [dh0, dc0], [dW_x, dW_h, db, db]
    else:
        h, gates = taught["gru_forward"](x, h0, W_x, W_h, b_x, b_h)
        dx, dh0, *gradients = taught["gru_backward"](dh, x, h0, h, gates, W_x, W_h)
        states, dstates = [h0], [dh0]
    return [W_x, W_h, b_x, b_h], x, states, dh, h, [dx, *dstates, *gradients]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("cell", CHAPTERS)
def test_our_networks_give_the_same_states_and_gradients_on_the_gpu(taught, cuda, cell, dtype):
    weights, x, states, dh, wanted_h, wanted = ours(taught, cell)
    there = {"device": cuda, "dtype": getattr(torch, dtype)}
    module = getattr(torch.nn, cell)(D, H, **there)
    with torch.no_grad():
        for name, value in zip(PARAMETERS, weights, strict=True):
            getattr(module, name).copy_(torch.from_numpy(value))
    x = torch.tensor(x, **there, requires_grad=True)
    states = [torch.tensor(state[None], **there, requires_grad=True) for state in states]
    h, _ = module(x, tuple(states) if cell == "LSTM" else states[0])
    leaves = [x, *states, *(getattr(module, name) for name in PARAMETERS)]
    found = torch.autograd.grad(h, leaves, torch.tensor(dh, **there))
    assert relative(h, wanted_h) < TOLERANCE[dtype]
    names = ["dx", "dh0", "dc0"][: 1 + len(states)] + [f"d{name}" for name in PARAMETERS]
    for name, one, right in zip(names, found, wanted, strict=True):
        assert relative(one.reshape(right.shape), right) < TOLERANCE[dtype], name


def test_tf32_is_what_takes_digits_away(cuda):
    if torch.cuda.get_device_capability(cuda) < (8, 0):
        pytest.skip("needs TF32: this GPU's compute capability is below 8.0")
    problem = Problem(Size(T=32, B=64, H=256, D=64), cuda)
    exact = BY_NAME["nn"].make(problem).forward().detach()
    with float32_products(tf32=True):
        rounded = BY_NAME["nn"].make(problem).forward().detach()
    assert 1e-6 < relative(rounded, exact) < 1e-2


SAME = {"nn": 2e-6, "nn_tf32": 1e-2, "nn_bf16": 3e-2, "graph": 1e-6, "fused": 2e-6}
SAME |= {"compiled": 2e-6, "compiled_loop": 2e-6}


def test_no_method_is_forgotten_below():
    assert set(SAME) == set(BY_NAME) - {"loop"}


@pytest.mark.parametrize("name", SAME)
def test_every_timed_method_gives_the_gradients_of_the_readable_loop(cuda, name):
    method = BY_NAME[name]
    if reason := method.missing(cuda):
        pytest.skip(reason)
    problem = Problem(SIZE, cuda)
    wanted = BY_NAME["loop"].make(problem).step()
    runner = method.make(problem)
    with float32_products(method.dtype == "tf32"):
        runner.step()
        found = runner.step()  # the second run, since it is a warm one that is timed
    torch.cuda.synchronize(cuda)
    for one, right in zip(found, wanted, strict=False):  # torch.nn has a second bias at the end
        assert relative(one.reshape(right.shape), right) < SAME[name]


def test_the_loop_on_the_gpu_is_the_loop_on_the_cpu(cuda):
    there = Problem(SIZE, cuda)
    here = [leaf.detach().cpu().double().requires_grad_() for leaf in there.leaves]
    h = step_methods.lstm_loop(*here)
    wanted = torch.autograd.grad(h, here, there.dh.cpu().double())
    runner = BY_NAME["loop"].make(there)
    assert relative(runner.forward(), h) < 1e-6
    for one, right in zip(runner.step(), wanted, strict=True):
        assert relative(one, right) < 1e-6


def test_a_recorded_step_follows_new_numbers_in_its_inputs(cuda):
    problem = Problem(SIZE, cuda)
    recorded = BY_NAME["graph"].make(problem)
    with torch.no_grad():
        problem.x.mul_(-0.5)
        problem.W_h.mul_(0.7)
    wanted = BY_NAME["loop"].make(problem).step()
    found = recorded.step()
    torch.cuda.synchronize(cuda)
    for one, right in zip(found, wanted, strict=True):
        assert relative(one, right) < 1e-6


def test_a_recorded_step_is_one_launch_of_many_kernels(cuda):
    recorded = BY_NAME["graph"].make(Problem(SIZE, cuda)).step
    recorded()
    counted = step_limits.count_launches(recorded, cuda)
    if "reason" in counted:
        pytest.skip(counted["reason"])
    assert counted["launches"] <= 3, "the graph, and what PyTorch may do around it"
    assert counted["kernels"] > 5 * SIZE.T


# --- the fused cell -------------------------------------------------------------------------------


@pytest.fixture
def kernels():
    able, reason = fused_cell.available()
    if not able:
        pytest.skip(reason)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (64, 256), (17, 300)])
def test_the_fused_cell_is_torchs_lstm_cell(kernels, cuda, shape, dtype):
    batch, hidden = shape
    torch.manual_seed(0)
    there = {"device": cuda, "dtype": getattr(torch, dtype)}
    cell = torch.nn.LSTMCell(6, hidden, **there)
    leaves = [torch.randn(batch, n, **there, requires_grad=True) for n in (6, hidden, hidden)]
    x, h, c = leaves
    leaves += [cell.weight_ih, cell.weight_hh]
    after = [torch.randn(batch, hidden, **there) for _ in range(2)]
    wanted = cell(x, (h, c))
    bias = cell.bias_ih + cell.bias_hh
    found = fused_cell.fused_lstm_step(x, h, c, cell.weight_ih, cell.weight_hh, bias)
    wanted = [*wanted, *torch.autograd.grad(wanted, leaves, after)]
    found = [*found, *torch.autograd.grad(found, leaves, after)]
    names = ["h", "c", "dx", "dh", "dc", "dW_x", "dW_h"]
    for name, one, right in zip(names, found, wanted, strict=True):
        assert relative(one, right) < 2 * TOLERANCE[dtype], name


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_kernels_compute_the_formulas(kernels, cuda, dtype):
    torch.manual_seed(0)
    there = {"device": cuda, "dtype": getattr(torch, dtype)}
    # large and small values: nothing may overflow where a gate is shut
    gates = (30 * torch.randn(9, 4 * 33, **there)).requires_grad_()
    c_prev = torch.randn(9, 33, **there, requires_grad=True)
    after = [torch.randn(9, 33, **there) for _ in range(2)]
    results = []
    for kernel in (True, False):
        outputs = fused_cell.pointwise(gates, c_prev, kernel=kernel)
        results.append([*outputs, *torch.autograd.grad(outputs, [gates, c_prev], after)])
    for one, right in zip(*results, strict=True):
        assert torch.isfinite(one).all()
        assert relative(one, right) < 2 * TOLERANCE[dtype]


def test_the_fused_cell_takes_arrays_that_are_not_contiguous(kernels, cuda):
    gates = torch.randn(4 * 6, 3, device=cuda).T
    c_prev = torch.randn(6, 3, device=cuda).T
    found = fused_cell.pointwise(gates, c_prev)
    wanted = fused_cell.forward_formulas(gates, c_prev)
    for one, right in zip(found, wanted, strict=False):
        assert relative(one, right) < 1e-6


# --- the measurement ------------------------------------------------------------------------------


def test_the_measurement_runs_on_the_gpu(cuda):
    axes = {"H": (64,), "T": (32,), "B": (16,)}
    result = step_times.measure(cuda, 15, axes=axes, leave_out={"compiled_loop": "slow to compile"})
    step_results.check_layout(result)
    assert result["machine"]["device"] == "cuda"
    assert result["machine"]["gpu"]["driver"] != "unknown"
    for axis in axes:
        for method in ("loop", "nn", "graph"):
            assert len(step_results.points_along(axis, result, method)) == 2, (method, axis)
    assert result["launch"]["graph_seconds"] < result["launch"]["seconds"]
    fp32 = result["limits"]["matmul"]["fp32"]["flops_per_second"]
    assert result["limits"]["matmul"]["bf16"]["flops_per_second"] > fp32
