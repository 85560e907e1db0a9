"""Dropout masks, bit for bit those that Keras draws on TensorFlow.

Keras's Dropout calls `tf.nn.experimental.stateless_dropout`, which compares uniform numbers of the
counter-based generator Philox4x32-10 (Salmon et al., 2011) with the rate. Any part of a mask can be drawn on its own.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from regulab.training.kernels.jit import Array, Float, compiled

Word: TypeAlias = np.uint64

_LOW_32_BITS = np.uint64(0xFFFFFFFF)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
# TensorFlow scrambles the user's seed with one Philox call under this key.
_SCRAMBLE_0, _SCRAMBLE_1 = np.uint64(0x3EC8F720), np.uint64(0x02461E29)
_32_BITS = np.uint64(32)
_MANTISSA = np.uint64(0x7FFFFF)
_MANTISSA_STEP = np.float32(2.0**-23)
# Keras folds its 64-bit seeds into 32 bits with this modulus.
_SEED_MODULUS = np.uint64(2**31 - 2)


@compiled
def _philox(
    c0: Word,
    c1: Word,
    c2: Word,
    c3: Word,
    k0: Word,
    k1: Word,
) -> tuple[Word, Word, Word, Word]:
    """Four random 32-bit words from a counter `c` and a key `k`."""
    for _ in range(10):
        p0, p1 = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> _32_BITS) ^ c1 ^ k0, p1 & _LOW_32_BITS, (p0 >> _32_BITS) ^ c3 ^ k1, p0 & _LOW_32_BITS
        k0, k1 = (k0 + _WEYL_0) & _LOW_32_BITS, (k1 + _WEYL_1) & _LOW_32_BITS
    return c0, c1, c2, c3


@compiled
def fill_mask(
    mask: Array,
    offset: int,
    seed_0: int,
    seed_1: int,
    rate: Float,
) -> None:
    """Draw part of a dropout mask: 0 where a unit is dropped, `1 / (1 - rate)` where it is kept.

    Args:
        mask: Written to; float32, shape `(rows, units)`, consecutive rows of the batch's mask.
        offset: Index of its first entry in the flattened mask of the batch, a multiple of 4.
        seed_0: The seed generator's state, first number.
        seed_1: The seed generator's state, second number.
        rate: Share of units to drop, float32.
    """
    low_0, low_1 = np.uint64(seed_0) % _SEED_MODULUS, np.uint64(seed_1) % _SEED_MODULUS
    k0, k1, c2, c3 = _philox(low_0, np.uint64(0), low_1, np.uint64(0), _SCRAMBLE_0, _SCRAMBLE_1)
    flat = mask.reshape(mask.size)
    kept = np.float32(1.0 / (1.0 - np.float64(rate)))
    dropped = np.float32(0.0)
    first_counter = np.uint64(offset // 4)
    full_groups = flat.size // 4
    for group in range(full_groups):
        c0 = first_counter + np.uint64(group)
        r0, r1, r2, r3 = _philox(c0 & _LOW_32_BITS, c0 >> _32_BITS, c2, c3, k0, k1)
        i = 4 * group
        flat[i] = kept if np.float32(np.int32(r0 & _MANTISSA)) * _MANTISSA_STEP >= rate else dropped
        flat[i + 1] = kept if np.float32(np.int32(r1 & _MANTISSA)) * _MANTISSA_STEP >= rate else dropped
        flat[i + 2] = kept if np.float32(np.int32(r2 & _MANTISSA)) * _MANTISSA_STEP >= rate else dropped
        flat[i + 3] = kept if np.float32(np.int32(r3 & _MANTISSA)) * _MANTISSA_STEP >= rate else dropped
    remaining = flat.size - 4 * full_groups
    if remaining:
        c0 = first_counter + np.uint64(full_groups)
        last = _philox(c0 & _LOW_32_BITS, c0 >> _32_BITS, c2, c3, k0, k1)
        for i in range(remaining):
            flat[4 * full_groups + i] = (
                kept if np.float32(np.int32(last[i] & _MANTISSA)) * _MANTISSA_STEP >= rate else dropped
            )
