"""The formulas of the fused LSTM cell, on any machine; its kernels are tested in test_cuda.py."""

import pytest
import torch

from unrolled import fused_cell


def arrays(B=3, H=5, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    gates = torch.randn(B, 4 * H, dtype=dtype, generator=generator).requires_grad_()
    c_prev = torch.randn(B, H, dtype=dtype, generator=generator).requires_grad_()
    return gates, c_prev


@pytest.mark.parametrize("shape", [(3, 5), (1, 1), (2, 1), (1, 4)])
def test_its_backward_formulas_are_the_derivative_of_its_forward_ones(shape):
    assert torch.autograd.gradcheck(fused_cell.pointwise, arrays(*shape))


def test_autograd_finds_the_same_gradients_in_the_forward_formulas():
    gates, c_prev = arrays()
    h, c, _ = fused_cell.forward_formulas(gates, c_prev)
    dh, dc = torch.randn_like(h), torch.randn_like(c)
    wanted = torch.autograd.grad([h, c], [gates, c_prev], [dh, dc])
    found = torch.autograd.grad(fused_cell.pointwise(gates, c_prev), [gates, c_prev], [dh, dc])
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_a_step_with_it_is_torchs_lstm_cell():
    cell = torch.nn.LSTMCell(4, 5, dtype=torch.float64)
    x, h, c = torch.randn(3, 4).double(), torch.randn(3, 5).double(), torch.randn(3, 5).double()
    bias = cell.bias_ih + cell.bias_hh
    found = fused_cell.fused_lstm_step(x, h, c, cell.weight_ih, cell.weight_hh, bias)
    for one, other in zip(found, cell(x, (h, c)), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def test_only_one_of_its_results_may_be_used():
    gates, c_prev = arrays()
    h, _ = fused_cell.pointwise(gates, c_prev)
    wanted, *_ = fused_cell.forward_formulas(gates, c_prev)
    found = torch.autograd.grad(h.sum(), [gates, c_prev])
    for one, other in zip(found, torch.autograd.grad(wanted.sum(), [gates, c_prev]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("gates", "c_prev", "words"),
    [
        (torch.zeros(2, 12), torch.zeros(2, 4), r"\(2, 12\).*\(2, 4\)"),
        (torch.zeros(12), torch.zeros(3), r"\(B, 4H\)"),
        (torch.zeros(2, 12), torch.zeros(2, 3).double(), "float64"),
        (torch.zeros(2, 12).bfloat16(), torch.zeros(2, 3).bfloat16(), "bfloat16"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(gates, c_prev, words):
    with pytest.raises(ValueError, match=words):
        fused_cell.pointwise(gates, c_prev)


def test_it_says_whether_its_kernels_run_here_and_why():
    able, reason = fused_cell.available()
    assert able == (torch.cuda.is_available() and "Triton" in reason)
    if not torch.cuda.is_available():
        assert reason == "needs an NVIDIA GPU: torch.cuda.is_available() is False"
