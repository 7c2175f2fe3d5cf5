"""Floating-point errors are seen where NumPy would only warn, or say nothing."""

import warnings

import numpy as np
import pytest

from unrolled.floating_point import floating_point_errors

FAR = np.array([-1e4, 0.0, 1e4])


@pytest.mark.parametrize(
    ("function", "errors"),
    [
        (lambda a: 1 / (1 + np.exp(-a)), ["overflow"]),
        (lambda a: np.exp(a) / (1 + np.exp(a)), ["invalid", "overflow"]),
        (lambda a: 1 / a, ["divide"]),
        (lambda a: np.log(a), ["divide", "invalid"]),
        (lambda a: np.exp(-np.abs(a)), []),
    ],
)
def test_each_kind_of_error_is_named_once_and_none_is_a_warning(function, errors):
    with np.errstate(all="ignore"):
        right = function(FAR)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result, found = floating_point_errors(function, FAR)
    assert found == errors
    assert np.array_equal(result, right, equal_nan=True)


def test_an_error_in_an_entry_that_is_not_used_counts():
    chosen = floating_point_errors(lambda a: np.where(a > 0, 1 / (1 + np.exp(-a)), 0), FAR)
    assert np.isfinite(chosen[0]).all() and chosen[1] == ["overflow"]


def test_the_limit_is_that_of_the_dtype():
    assert floating_point_errors(np.exp, np.array([200.0]))[1] == []
    assert floating_point_errors(np.exp, np.array([200.0], np.float32))[1] == ["overflow"]


def test_how_numpy_reports_errors_is_as_before_after_a_function_that_raises():
    before = np.geterr()
    with pytest.raises(ZeroDivisionError):
        floating_point_errors(lambda a: 1 // 0, FAR)
    assert np.geterr() == before


def test_a_function_elsewhere_is_watched_there():
    class Elsewhere:
        def probed_by(self, name, *args):
            return (name, args), ["overflow"]

    found = floating_point_errors(Elsewhere(), 1)
    assert found == (("floating_point_errors", (1,)), ["overflow"])
