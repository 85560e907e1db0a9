"""A running median in time and memory that grow with the length of a curve, whatever the window."""

from __future__ import annotations

import numpy as np

# Windows of a few values each, or that hold few values together, are sorted one by one, which is faster there.
_SHORT_WINDOW, _FEW_VALUES = 8, 100_000


def running_median(values: np.ndarray, window: int) -> np.ndarray:
    """The median of the values around each one, shape `(values,)`.

    At the ends, the window is moved inwards. A window of two or less smooths nothing.

    Args:
        values: Finite numbers.
        window: How many of them, at most all.

    Example:
        >>> running_median(np.array([3.0, 9.0, 1.0, 2.0, 8.0]), 3).tolist()
        [3.0, 3.0, 2.0, 2.0, 2.0]
    """
    if window <= 2:
        return values
    last_start = len(values) - window
    if window <= _SHORT_WINDOW or last_start * window <= _FEW_VALUES:
        medians = np.median(np.lib.stride_tricks.sliding_window_view(values, window), axis=1)
    else:
        medians = _medians_of_windows(values, window)
    starts = np.clip(np.arange(len(values)) - window // 2, 0, last_start)
    of_each: np.ndarray = medians[starts]
    return of_each


def _medians_of_windows(values: np.ndarray, window: int) -> np.ndarray:
    """The median of every window, shape `(values - window + 1,)`."""
    order = values.argsort(kind="stable")
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values))
    medians: np.ndarray = values[order[_smallest(ranks, window, window // 2)]]
    if window % 2 == 0:
        medians = (values[order[_smallest(ranks, window, window // 2 - 1)]] + medians) / 2
    return medians


def _smallest(ranks: np.ndarray, window: int, position: int) -> np.ndarray:
    """The rank at a position of each window once it is sorted, for all windows at once, bit by bit from the highest.

    This is the quantile query of a wavelet matrix (Navarro, 2014). On each level, ranks are sorted
    stably by one bit, so the ranks of a window that share the bits above lie side by side, from `left` to `right`.
    Counting the zeros among them tells the bit of the one that is sought.

    Args:
        ranks: Each number below their count once.
        window: The size of the windows.
        position: Counted from 0, the smallest.
    """
    left = np.arange(len(ranks) - window + 1)
    right = left + window
    positions = np.full(len(left), position)
    smallest = np.zeros(len(left), dtype=np.int64)
    for bit in reversed(range(int(len(ranks) - 1).bit_length())):
        ones = ranks >> bit & 1
        zeros_before = np.concatenate([[0], np.cumsum(1 - ones)])
        zeros_left, zeros_right = zeros_before[left], zeros_before[right]
        zeros = zeros_right - zeros_left
        is_one = positions >= zeros
        left = np.where(is_one, zeros_before[-1] + left - zeros_left, zeros_left)
        right = np.where(is_one, zeros_before[-1] + right - zeros_right, zeros_right)
        positions -= np.where(is_one, zeros, 0)
        smallest |= is_one.astype(np.int64) << bit
        ranks = np.concatenate([ranks[ones == 0], ranks[ones == 1]])
    return smallest
