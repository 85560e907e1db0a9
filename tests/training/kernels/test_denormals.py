from __future__ import annotations

import platform

import numpy as np
from numba import njit

from regulab.training.kernels.denormals import flush, restore


@njit(nogil=True)
def _multiplied(values, into):
    before = flush()
    into[0] = values[0] * values[1]
    restore(before)
    into[1] = values[2] * values[3]


def test_tiny_numbers_are_zero_until_they_are_restored():
    values, into = np.array([1e-30, 1e-10, 1e-30, 1e-10], np.float32), np.ones(2, np.float32)
    _multiplied(values, into)
    assert into[1] == np.float32(1e-30) * np.float32(1e-10) > 0
    # Other processors have no such register, and calculate with tiny numbers throughout.
    assert into[0] == (0 if platform.machine().lower() in ("x86_64", "amd64") else into[1])
