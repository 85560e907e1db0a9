"""The exponential function and what is built on it, against NumPy in double precision."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from regulab.training.kernels import exponential
from regulab.training.kernels.jit import compiled

# The whole range without overflow, and values close to zero, where cancellation would show.
_TINY = np.geomspace(1e-30, 1, 200)
_POINTS = np.concatenate([np.linspace(-87, 87, 200_001), np.linspace(-1, 1, 20_001), _TINY, -_TINY]).astype(np.float32)
_TRUTH: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exp": np.exp,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softplus": lambda x: np.logaddexp(0, x),
}


def _evaluate(name: str, points: np.ndarray) -> np.ndarray:
    function, results = getattr(exponential, name), np.empty_like(points)

    @compiled
    def run(points: np.ndarray, results: np.ndarray) -> None:
        for i in range(points.size):
            results[i] = function(points[i])

    run(points, results)
    return results


@pytest.mark.parametrize("name", _TRUTH)
def test_accurate_to_three_units_in_the_last_place(name: str) -> None:
    truth = _TRUTH[name](_POINTS.astype(np.float64))
    # Denormals have fewer digits.
    unit = np.spacing(np.maximum(np.abs(truth), np.finfo(np.float32).tiny).astype(np.float32))
    assert (np.abs(_evaluate(name, _POINTS) - truth) / unit).max() < 3


@pytest.mark.parametrize(
    ("name", "limits"),
    [("exp", (0, np.exp(88))), ("sigmoid", (0, 1)), ("tanh", (-1, 1)), ("softplus", (0, np.inf))],
)
def test_large_arguments_do_not_overflow_and_nan_stays_nan(name: str, limits: tuple[float, float]) -> None:
    results = _evaluate(name, np.array([-np.inf, -1e30, -200, 200, 1e30, np.inf, np.nan], np.float32))

    np.testing.assert_allclose(results[[0, 5]], limits, rtol=1e-5, atol=1e-37)
    assert np.isfinite(results[1:5]).all()
    assert np.isnan(results[6])
