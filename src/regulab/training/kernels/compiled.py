"""The one way in which kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Sums may be reordered, so that they are vectorized; NaN and infinity keep their meaning, since a training that
# diverges has to be seen to do so.
_FASTMATH = {"reassoc", "contract", "arcp", "nsz"}


def compiled(function: _Function) -> _Function:
    """Compile a function that other kernels call."""
    # Without NumPy's rules for division, a test for zero keeps loops from being vectorized.
    return cast(_Function, njit(nogil=True, fastmath=_FASTMATH, error_model="numpy")(function))


def entry(function: _Function) -> _Function:
    """Compile a function that Python calls, and keep the result on disk: compiling takes seconds."""
    return cast(_Function, njit(nogil=True, fastmath=_FASTMATH, error_model="numpy", cache=True)(function))
