from __future__ import annotations

import platform

import numpy as np
from numba import njit

from regulab.training.kernels.denormals import flush_denormals, restore_denormals


@njit(nogil=True)
def _multiply(factors, products):
    before = flush_denormals()
    products[0] = factors[0] * factors[1]
    restore_denormals(before)
    products[1] = factors[2] * factors[3]


def test_denormals_are_zero_until_they_are_restored():
    factors, products = np.array([1e-30, 1e-10, 1e-30, 1e-10], np.float32), np.ones(2, np.float32)
    _multiply(factors, products)
    assert products[1] == np.float32(1e-30) * np.float32(1e-10) > 0
    # Other processors have no such register, and keep denormals.
    assert products[0] == (0 if platform.machine().lower() in ("x86_64", "amd64") else products[1])
