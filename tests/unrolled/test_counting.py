"""Counting matrix products: every way to multiply counts once, nothing else does."""

import numpy as np
import pytest

from unrolled.counting import count_products

A, W = np.arange(12.0).reshape(3, 4), np.arange(20.0).reshape(5, 4)


@pytest.mark.parametrize(
    "multiply",
    [
        lambda a, w: a @ w.T,
        lambda a, w: np.matmul(a, w.T),
        lambda a, w: np.matmul(a, np.ascontiguousarray(w.T), out=np.empty((3, 5))),
        lambda a, w: np.dot(a, w.T),
        lambda a, w: a.dot(w.T),
        lambda a, w: np.inner(a, w),
        lambda a, w: np.einsum("ij,kj->ik", a, w),
        lambda a, w: np.einsum("ij,kj->ik", np.array(a), w, optimize=True),
        lambda a, w: np.tensordot(a, w, axes=(1, 1)),
        lambda a, w: np.concatenate([a[:2], a[2:]]) @ np.stack(list(w)).T,
    ],
)
def test_every_way_to_multiply_counts_once_and_gives_plain_arrays(multiply):
    product, count = count_products(multiply, A, W)
    assert count == 1
    assert type(product) is np.ndarray
    assert np.array_equal(product, A @ W.T)


def test_a_stack_of_products_is_one_and_a_loop_is_many():
    x = np.ones((6, 3, 4))
    assert count_products(lambda x, w: x @ w.T, x, W)[1] == 1
    assert count_products(lambda x, w: [x_t @ w.T for x_t in x], x, W)[1] == 6
    assert count_products(lambda a, w: np.linalg.multi_dot([a, w.T, w]), A, W)[1] == 2


def test_sums_and_element_wise_products_do_not_count():
    def work(a):
        return np.tanh(a * a).sum(axis=0), np.einsum("ij,ij->ij", a, a), {"t": a.T}

    results, count = count_products(work, A)
    assert count == 0
    assert [type(results[0]), type(results[1]), type(results[2]["t"])] == 3 * [np.ndarray]


def test_numpy_is_as_before_after_a_function_that_raises():
    makers = np.empty, np.array, np.ascontiguousarray
    with pytest.raises(ZeroDivisionError):
        count_products(lambda a: a @ a.T / (1 // 0), A)
    assert (np.empty, np.array, np.ascontiguousarray) == makers
    assert type(np.zeros(2)) is np.ndarray


def test_counts_within_counts_are_separate():
    def outer(a, w):
        inner = count_products(lambda a: (a @ a.T, a @ a.T), np.asarray(a))[1]
        return inner, a @ w.T

    (inner, _), count = count_products(outer, A, W)
    assert (inner, count) == (2, 1)


def test_a_function_elsewhere_counts_there():
    class Elsewhere:
        def probed_by(self, name, *args):
            return (name, args), 7

    assert count_products(Elsewhere(), 1, 2) == (("count_products", (1, 2)), 7)
