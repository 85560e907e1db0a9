"""Isotonic regression by pool-adjacent-violators: the nearest curve that never rises, for all prefixes at once.

scipy has it for a whole curve. Importing that takes longer than a whole diagnosis, and finding the best place to turn
from falling to rising needs the errors of every prefix.
"""

from __future__ import annotations

import numpy as np


def nonincreasing_fit(values: np.ndarray) -> np.ndarray:
    """The nearest curve, by least squares, that never rises.

    Example:
        >>> nonincreasing_fit(np.array([3.0, 1.0, 2.0])).tolist()
        [3.0, 1.5, 1.5]
    """
    pools: list[_Pool] = []
    for value in values.tolist():
        _add(pools, value)
    return np.repeat([mean for _, mean, _ in pools], [count for count, _, _ in pools]) if pools else values


def prefix_errors(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every prefix, the empty one first: the squared error of its nearest such curve, and its number of steps.

    Example:
        >>> errors, steps = prefix_errors(np.array([3.0, 1.0, 2.0]))
        >>> errors.tolist(), steps.tolist()
        ([0.0, 0.0, 0.0, 0.5], [0, 1, 2, 2])
    """
    errors, steps = np.zeros(len(values) + 1), np.zeros(len(values) + 1, dtype=int)
    pools: list[_Pool] = []
    total = 0.0
    for index, value in enumerate(values.tolist(), start=1):
        total += _add(pools, value)
        errors[index], steps[index] = max(total, 0.0), len(pools)
    return errors, steps


# How many values, their mean, and their squared error around it.
_Pool = tuple[int, float, float]


def _add(pools: list[_Pool], value: float) -> float:
    """Pool neighbours for as long as a later one is higher; returns how much the squared error grows."""
    count, mean, error, before = 1, value, 0.0, 0.0
    while pools and pools[-1][1] < mean:
        pooled_count, pooled_mean, pooled_error = pools.pop()
        before += pooled_error
        # Multiplied, which overflows to infinity where a power of a float raises an error.
        distance = mean - pooled_mean
        error += pooled_error + distance * distance * count * pooled_count / (count + pooled_count)
        mean = (mean * count + pooled_mean * pooled_count) / (count + pooled_count)
        count += pooled_count
    pools.append((count, mean, error))
    return error - before
