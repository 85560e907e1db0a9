"""Splits as the compiled passes read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from regulab.data.dataset import Split
from regulab.training.batches import example_weights
from regulab.training.kernels.layout import Examples


def as_examples(split: Split, class_weight: Mapping[int, float] | None = None) -> Examples:
    """A split of rows of numbers, sparse or dense, without a copy where the types are right already."""
    size = len(split)
    weights = np.ones(size) if split.sample_weight is None else split.sample_weight
    by_class = 1.0 if class_weight is None else example_weights(split.y, class_weight)
    shared = {
        "labels": _as(split.y, np.float32).reshape(size, -1),
        "fit_weights": _as(weights * by_class, np.float32),
        "weights": _as(weights, np.float32),
    }
    if not issparse(split.x):
        return Examples(
            values=np.empty(0, np.float32),
            indices=np.empty(0, np.int32),
            offsets=np.zeros(size + 1, np.int64),
            dense=_as(split.x, np.float32),
            **shared,
        )
    x = csr_array(split.x)
    if not x.has_sorted_indices:
        x = x.sorted_indices()
    return Examples(
        values=_as(x.data[:0] if (x.data == 1).all() else x.data, np.float32),
        indices=_as(x.indices, np.int32),
        offsets=_as(x.indptr, np.int64),
        dense=np.empty((0, 0), np.float32),
        **shared,
    )


def _as(array: Any, kind: type) -> np.ndarray:
    # Writeable too: for a read-only array, as from a memory map, Numba would compile everything a second time.
    return np.require(array, kind, ["C", "W"])
