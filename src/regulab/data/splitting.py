"""Splitting rows by a seed, class by class where the labels are classes."""

from __future__ import annotations

import numpy as np

from regulab.data.seeds import seed_number
from regulab.errors import InputError


def classes(y: np.ndarray) -> np.ndarray | None:
    """Each row's class as an integer, shape `(n,)`, or None where the labels are not classes.

    Whole numbers of shape `(n,)` or `(n, 1)` are classes if each occurs twice on average; rows of
    shape `(n, k)` with a single one are one-hot classes.

    Example:
        >>> classes(np.array([[0.0, 1.0], [1.0, 0.0]])).tolist()
        [1, 0]
        >>> classes(np.array([0.3, 1.7])) is None
        True
    """
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        one_hot = bool((((y == 0) | (y == 1)).all(axis=1) & (y.sum(axis=1) == 1)).all())
        return y.argmax(axis=1) if one_hot else None
    flat = y.reshape(-1) if y.size == len(y) else None
    if flat is None or flat.dtype.kind not in "biuf" or not np.isfinite(flat).all() or (flat % 1).any():
        return None
    values, codes = np.unique(flat, return_inverse=True)
    return codes.reshape(-1) if 2 * len(values) <= len(flat) else None


def split_off(y: np.ndarray, share: float, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows into those that stay and a share that is split off, stratified where `y` holds classes.

    Args:
        y: Labels, shape `(n, ...)`.
        share: Share to split off, in (0, 1).
        seed: Decides which rows.

    Returns:
        Two sorted index arrays: what stays, what was split off. Each class is divided
        in the same proportion, to within one row.

    Raises:
        InputError: If one of the two parts would be empty, or the seed is none.

    Example:
        >>> stay, taken = split_off(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.5, seed=0)
        >>> int((taken < 4).sum()), len(taken)
        (2, 4)
    """
    n = len(y)
    rng = np.random.default_rng(seed_number(seed))
    order = rng.permutation(n)
    codes = classes(y)
    if codes is not None:
        order = order[np.argsort(codes[order], kind="stable")]
    # Every 1/share-th row of the rows sorted by class. The small offset keeps 0.2 * 5 from being 0.999...
    steps = np.floor(np.arange(n + 1) * share + 1e-9)
    chosen = np.diff(steps) > 0
    if not chosen.any() or chosen.all():
        raise InputError(
            f"Expected enough rows to split off a share of {share:g}. Received: {n} rows, which leaves a part empty."
        )
    return np.sort(order[~chosen]), np.sort(order[chosen])
