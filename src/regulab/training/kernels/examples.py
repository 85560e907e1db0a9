"""Converts a split into the arrays that compiled code reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse

from regulab.data.dataset import Split
from regulab.training.batches import example_weights
from regulab.training.kernels.layout import Examples


def as_examples(split: Split, class_weight: Mapping[int, float] | None = None) -> Examples:
    """Convert a split of rows of numbers, sparse or dense. Arrays that already have the right type are not copied."""
    size = len(split)
    sample_weights = np.ones(size) if split.sample_weight is None else split.sample_weight
    class_factors = 1.0 if class_weight is None else example_weights(split.y, class_weight)
    shared = {
        "labels": _as(split.y, np.float32).reshape(size, -1),
        "fit_weights": _as(sample_weights * class_factors, np.float32),
        "sample_weights": _as(sample_weights, np.float32),
    }
    if not issparse(split.x):
        return Examples(
            values=np.empty(0, np.float32),
            indices=np.empty(0, np.int32),
            indptr=np.zeros(size + 1, np.int64),
            dense=_as(split.x, np.float32),
            **shared,
        )
    x = csr_array(split.x)
    if not x.has_sorted_indices:
        x = x.sorted_indices()
    return Examples(
        values=_as(x.data[:0] if (x.data == 1).all() else x.data, np.float32),
        indices=_as(x.indices, np.int32),
        indptr=_as(x.indptr, np.int64),
        dense=np.empty((0, 0), np.float32),
        **shared,
    )


def _as(array: Any, dtype: type) -> np.ndarray:
    # Writable as well: a read-only array, such as a memory map, is another type for Numba, which would compile
    # everything again.
    return np.require(array, dtype, ["C", "W"])
