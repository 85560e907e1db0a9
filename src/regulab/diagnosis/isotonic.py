"""The curve that never rises and lies nearest to given values (isotonic regression), for all prefixes at once.

scipy has it for a whole curve; importing that takes longer than a whole diagnosis, and the best place to turn from
falling to rising asks for every prefix.
"""

from __future__ import annotations

import numpy as np


def never_rising(values: np.ndarray) -> np.ndarray:
    """The nearest curve, by least squares, that never rises.

    Example:
        >>> never_rising(np.array([3.0, 1.0, 2.0])).tolist()
        [3.0, 1.5, 1.5]
    """
    pools: list[_Pool] = []
    for value in values.tolist():
        _add(pools, value)
    return np.repeat([mean for _, mean, _ in pools], [count for count, _, _ in pools]) if pools else values


def prefixes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every prefix, the empty one first, the squared error of its nearest such curve, and its number of steps.

    Example:
        >>> errors, steps = prefixes(np.array([3.0, 1.0, 2.0]))
        >>> errors.tolist(), steps.tolist()
        ([0.0, 0.0, 0.0, 0.5], [0, 1, 2, 2])
    """
    errors, steps = np.zeros(len(values) + 1), np.zeros(len(values) + 1, dtype=int)
    pools: list[_Pool] = []
    total = 0.0
    for place, value in enumerate(values.tolist(), start=1):
        total += _add(pools, value)
        errors[place], steps[place] = max(total, 0.0), len(pools)
    return errors, steps


# How many values, their mean, and their squared error around it.
_Pool = tuple[int, float, float]


def _add(pools: list[_Pool], value: float) -> float:
    """Pool neighbours for as long as a later one is higher; by how much the squared error grows."""
    count, mean, error, before = 1, value, 0.0, 0.0
    while pools and pools[-1][1] < mean:
        other, level, within = pools.pop()
        before += within
        error += within + (mean - level) ** 2 * count * other / (count + other)
        mean = (mean * count + level * other) / (count + other)
        count += other
    pools.append((count, mean, error))
    return error - before
