"""The one way in which kernels are compiled."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import extending, njit
from numba.core import cgutils as _cgutils

# Numba's own types speak of its functions as they are written, and not as compiled code calls them.
intrinsic: Any = extending.intrinsic
types: Any = numba.types
cgutils: Any = _cgutils

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Sums may be reordered, so that they are vectorized; NaN and infinity keep their meaning, since a training that
# diverges has to be seen to do so. Without NumPy's rules for division, a test for zero would keep loops from
# being vectorized.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
    "error_model": "numpy",
}


def compiled(function: _Function) -> _Function:
    """Compile a function that other kernels call."""
    return cast(_Function, njit(**_OPTIONS)(function))


def entry(function: _Function) -> _Function:
    """Compile a function that Python calls, and keep the result on disk: compiling takes many seconds."""
    done = njit(**_OPTIONS, cache=True)(function)
    # Numba looks at the function's own file only; what it calls lies in others.
    file = getattr(getattr(done, "_cache", None), "_cache_file", None)
    if file is not None:
        file._source_stamp = _sources()
    return cast(_Function, done)


@lru_cache(maxsize=1)
def _sources() -> int:
    """A number that changes with any of the kernels' source files."""
    code = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code = zlib.crc32(path.read_bytes(), code)
    return code
