from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from regulab.diagnosis import trend as trends
from regulab.diagnosis.running_median import _medians_of_windows, running_median
from regulab.diagnosis.trend import trend, worsened


def medians_one_by_one(values: np.ndarray, window: int) -> np.ndarray:
    return np.array([np.median(values[start : start + window]) for start in range(len(values) - window + 1)])


@pytest.mark.parametrize("kind", ["distinct", "rounded", "far apart", "constant", "ascending"])
@pytest.mark.parametrize("length", [3, 4, 9, 64, 65, 200])
def test_medians_of_all_windows_are_those_of_each_window(length: int, kind: str) -> None:
    normal = np.random.default_rng(length).standard_normal(length)
    values = {
        "distinct": normal,
        "rounded": normal.round(1),
        "far apart": np.exp(50 * normal),
        "constant": np.full(length, 0.1),
        "ascending": np.sort(normal),
    }[kind]
    for window in {3, 4, 8, 9, length // 2, length - 1, length}:
        if 3 <= window <= length:
            assert _medians_of_windows(values, window).tolist() == medians_one_by_one(values, window).tolist()


def test_windows_are_moved_inwards_at_the_ends() -> None:
    values = np.random.default_rng(0).standard_normal(40)
    medians = medians_one_by_one(values, 9)
    assert running_median(values, 9).tolist() == [*[medians[0]] * 4, *medians, *[medians[-1]] * 4]


def noisy_curve(epochs: int) -> np.ndarray:
    """So noisy that a fifth of it is averaged."""
    curve = 0.5 * np.exp(-np.arange(epochs) / (epochs / 10)) + 0.2 * np.random.default_rng(1).standard_normal(epochs)
    return np.abs(curve)


def test_a_long_noisy_curve_needs_memory_in_proportion_to_its_length() -> None:
    values = noisy_curve(30_000)
    tracemalloc.start()
    try:
        window = trend(values).window
        worsened(values)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert window == 6_000
    assert peak < 30 * values.nbytes


@pytest.mark.parametrize("epochs", [12_000, 12_003])
def test_fifths_of_a_long_curve_are_compared_as_those_of_a_short_one(
    epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = 0.4 + 0.01 * noisy_curve(epochs)
    values[0] = 1e9  # would cost all digits of a sum over the whole curve
    values[epochs // 2 :] += 0.1
    long = trends._running_means(values, epochs // 5), worsened(values)
    monkeypatch.setattr(trends, "_LONG", epochs)
    np.testing.assert_allclose(long[0], trends._running_means(values, epochs // 5), rtol=1e-12)
    assert long[1] == worsened(values) is not None
