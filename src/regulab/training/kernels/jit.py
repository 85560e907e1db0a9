"""How kernels are compiled: Numba with the same options everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
from numba import extending, njit
from numba.core import cgutils as _cgutils

from regulab.training.kernels.code_cache import keep_compiled

#: An array argument of compiled code. Numba infers the element type from the array itself.
Array: TypeAlias = Any
#: A float32 argument of compiled code. A single float64 in a loop would halve its speed.
Float: TypeAlias = Any

# Numba annotates its functions as they are written, and not as compiled code calls them.
intrinsic: Any = extending.intrinsic
types: Any = numba.types
cgutils: Any = _cgutils

_Function = TypeVar("_Function", bound=Callable[..., Any])

# "reassoc" lets the compiler reorder sums, which vectorizes them. "nnan" and "ninf" are left out: a training that
# diverges must show NaN and infinity. NumPy's error model has no check for division by zero, which would keep a loop
# from being vectorized.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "error_model": "numpy",
}


def compiled(function: _Function) -> _Function:
    """Compile a function that other kernels call."""
    return cast(_Function, njit(**_OPTIONS)(function))


def entry_point(function: _Function) -> _Function:
    """Compile a function that Python calls, and keep the result on disk: compiling it takes many seconds."""
    dispatcher = njit(**_OPTIONS)(function)
    keep_compiled(dispatcher)
    return cast(_Function, dispatcher)
