"""The exponential function and what is made of it, written out so that loops over them are vectorized.

The mathematical library is called for one number at a time: an epoch of a network with 16 tanh units took five times as
long as one of ReLU units. These take and give float32 and are right to a few units in the last place; NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir

from regulab.training.kernels.jit import cgutils, compiled, intrinsic, types
from regulab.training.kernels.layout import Float

_FLOAT, _INTEGER = ir.FloatType(), ir.IntType(32)
# A float of this size has no digits after the point, so that adding it rounds, and the last bits of the sum count.
_ROUNDING = 1.5 * 2.0**23
# Bits of a float's fraction, and 1.0 as bits.
_FRACTION, _ONE = 23, 0x3F800000
# Where the exponential function becomes zero, and where it is near the largest float.
_LEAST, _MOST = np.float32(-88.0), np.float32(88.0)
_LOG2_E = np.float32(1 / math.log(2))
# The logarithm of 2 in two parts: a multiple of the first is exact.
_LOG_2 = np.float32(0.693359375)
_LOG_2_REST = np.float32(math.log(2) - 0.693359375)
# Taylor's series: from half the logarithm of 2 down, what is left out is below a tenth of the last place.
_T2, _T3, _T4, _T5, _T6, _T7 = (np.float32(1 / math.factorial(n)) for n in range(2, 8))
# The inverse hyperbolic tangent's, up to a third.
_A3, _A5, _A7, _A9, _A11, _A13 = (np.float32(1 / n) for n in range(3, 14, 2))


@intrinsic
def _rounded(typing: Any, x: Float) -> Any:
    """The nearest whole number, and 2 to its power, of a float from -127 to 127."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        large = ir.Constant(_FLOAT, _ROUNDING)
        # Flags of their own keep these from being reordered, which would cancel the rounding.
        shifted = builder.fadd(given[0], large, flags=["nsz"])
        whole = builder.fsub(shifted, large, flags=["nsz"])
        exponent = builder.shl(builder.bitcast(shifted, _INTEGER), _INTEGER(_FRACTION))
        power = builder.bitcast(builder.add(exponent, _INTEGER(_ONE)), _FLOAT)
        return context.make_tuple(builder, signature.return_type, [whole, power])

    return types.UniTuple(types.float32, 2)(types.float32), generate


@intrinsic
def _multiplied(typing: Any, a: Float, b: Float, c: Float) -> Any:
    """`a * b + c` in one operation, which no reordering takes apart."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kind = ir.FunctionType(_FLOAT, [_FLOAT] * 3)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.f32"), given)

    return types.float32(types.float32, types.float32, types.float32), generate


@compiled
def _parts(x: Float) -> tuple[Float, Float]:
    """A power of 2 and what it is multiplied with, one subtracted: e^x = power * (1 + rest)."""
    # These comparisons let NaN through.
    x = _MOST if x > _MOST else x
    x = _LEAST if x < _LEAST else x
    whole, power = _rounded(x * _LOG2_E)
    r = _multiplied(whole, -_LOG_2_REST, _multiplied(whole, -_LOG_2, x))
    series = _T2 + r * (_T3 + r * (_T4 + r * (_T5 + r * (_T6 + r * _T7))))
    return power, _multiplied(r * r, series, r)


@compiled
def exp(x: Float) -> Float:
    """e^x; zero from -88 down, and no more than at 88 from there up.

    Example:
        >>> round(float(exp(np.float32(1))), 5)
        2.71828
    """
    power, rest = _parts(x)
    return _multiplied(power, rest, power)


@compiled
def _expm1(x: Float) -> Float:
    """e^x - 1, which is right for small x, too."""
    power, rest = _parts(x)
    return _multiplied(power, rest, power - np.float32(1))


@compiled
def sigmoid(x: Float) -> Float:
    """1 / (1 + e^-x).

    Example:
        >>> float(sigmoid(np.float32(0)))
        0.5
    """
    return np.float32(1) / (np.float32(1) + exp(-x))


@compiled
def tanh(x: Float) -> Float:
    """The hyperbolic tangent.

    Example:
        >>> round(float(tanh(np.float32(1))), 5)
        0.76159
    """
    grown = _expm1(x + x)
    return grown / (grown + np.float32(2))


@compiled
def softplus(x: Float) -> Float:
    """log(1 + e^x), without overflow.

    Example:
        >>> round(float(softplus(np.float32(0))), 5)
        0.69315
    """
    e = exp(-abs(x))
    # log(1 + e) = 2 artanh(e / (2 + e)), whose argument is at most a third.
    s = e / (np.float32(2) + e)
    q = s * s
    series = _A3 + q * (_A5 + q * (_A7 + q * (_A9 + q * (_A11 + q * _A13))))
    return max(x, np.float32(0)) + np.float32(2) * _multiplied(s * q, series, s)
