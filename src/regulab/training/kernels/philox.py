"""Dropout's masks, bit for bit those that Keras draws on TensorFlow.

Keras's Dropout calls `tf.nn.experimental.stateless_dropout`, which compares uniform numbers of the
counter-based generator Philox4x32-10 (Salmon et al., 2011) with the rate. Any part of a mask can be made on its own.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from regulab.training.kernels.jit import compiled
from regulab.training.kernels.layout import Array, Float

Word: TypeAlias = np.uint64

_LOW = np.uint64(0xFFFFFFFF)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
# TensorFlow scrambles the user's seed with one call under this key.
_SCRAMBLE_0, _SCRAMBLE_1 = np.uint64(0x3EC8F720), np.uint64(0x02461E29)
_HALF = np.uint64(32)
_FRACTION = np.uint64(0x7FFFFF)
_FRACTION_STEP = np.float32(2.0**-23)
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
    for _ in range(10):
        p0, p1 = _MULTIPLIER_0 * c0, _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@compiled
def fill_mask(
    mask: Array,
    first: int,
    seed_0: int,
    seed_1: int,
    rate: Float,
) -> None:
    """Write a part of a dropout mask: 0 where a unit is dropped, `1 / (1 - rate)` where it is kept.

    Args:
        mask: Written to; float32, shape `(rows, units)`, a stretch of whole rows of the batch's mask.
        first: Place of the stretch's first entry in the batch's mask, a multiple of 4.
        seed_0: The seed generator's state, first number.
        seed_1: The seed generator's state, second number.
        rate: Share of units to drop, float32.
    """
    low_0, low_1 = np.uint64(seed_0) % _SEED_MODULUS, np.uint64(seed_1) % _SEED_MODULUS
    k0, k1, c2, c3 = _philox(low_0, np.uint64(0), low_1, np.uint64(0), _SCRAMBLE_0, _SCRAMBLE_1)
    flat = mask.reshape(mask.size)
    kept = np.float32(1.0 / (1.0 - np.float64(rate)))
    dropped = np.float32(0.0)
    group = np.uint64(first // 4)
    whole = flat.size // 4
    for i in range(whole):
        c0 = group + np.uint64(i)
        r0, r1, r2, r3 = _philox(c0 & _LOW, c0 >> _HALF, c2, c3, k0, k1)
        at = 4 * i
        flat[at] = kept if np.float32(np.int32(r0 & _FRACTION)) * _FRACTION_STEP >= rate else dropped
        flat[at + 1] = kept if np.float32(np.int32(r1 & _FRACTION)) * _FRACTION_STEP >= rate else dropped
        flat[at + 2] = kept if np.float32(np.int32(r2 & _FRACTION)) * _FRACTION_STEP >= rate else dropped
        flat[at + 3] = kept if np.float32(np.int32(r3 & _FRACTION)) * _FRACTION_STEP >= rate else dropped
    rest = flat.size - 4 * whole
    if rest:
        c0 = group + np.uint64(whole)
        last = _philox(c0 & _LOW, c0 >> _HALF, c2, c3, k0, k1)
        for i in range(rest):
            flat[4 * whole + i] = (
                kept if np.float32(np.int32(last[i] & _FRACTION)) * _FRACTION_STEP >= rate else dropped
            )
