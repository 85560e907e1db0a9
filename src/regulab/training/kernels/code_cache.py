"""Where compiled kernels are kept between runs, and how to do without: training goes on where there is no place."""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching as _caching

# Numba annotates little of this.
caching: Any = _caching
config: Any = numba.config
_REMEDY = "To keep it, set NUMBA_CACHE_DIR to a folder that you can write to."


def keep_compiled(dispatcher: Any) -> None:
    """Let a function that Numba compiles keep its machine code on disk.

    It goes where Numba keeps it: into NUMBA_CACHE_DIR, the installation, or the user's cache. Where none of them can
    be written to, it goes into a temporary folder of this user, or else nowhere. Both give a warning.

    Args:
        dispatcher: What `numba.njit` returned.
    """
    function = dispatcher.py_func
    try:
        dispatcher._cache = _KernelCache(function)
        return
    except RuntimeError:
        folder = _folder_of_user()
    if folder is not None:
        configured = config.CACHE_DIR
        try:
            config.CACHE_DIR = str(folder)
            dispatcher._cache = _KernelCache(function)
        except RuntimeError:
            folder = None
        finally:
            config.CACHE_DIR = configured
    _warn_of(folder)


class _KernelCache(caching.FunctionCache):
    """Numba's cache of one function; what goes wrong with its files costs time and nothing else."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        # Numba invalidates its cache when the function's own file changes, but most of its code is in other files.
        self._cache_file._source_stamp = _source_checksum()

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return super().load_overload(*arguments)
        except Exception:  # a file that was cut short can raise anything when it is read
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, *arguments: Any) -> None:
        try:
            super().save_overload(*arguments)
        except OSError as error:  # the disk is full, or the folder was locked or deleted meanwhile
            warnings.warn(
                "The kernels' compiled code could not be kept, so the next run compiles it again "
                f"({error.strerror or error}). {_REMEDY}",
                stacklevel=2,
            )


def _folder_of_user() -> Path | None:
    """A temporary folder that only this user can write to: Numba runs what it finds there."""
    try:
        if not hasattr(os, "getuid"):
            return None  # on Windows, temporary files are the user's own, and Numba has found them
        folder = Path(tempfile.gettempdir(), f"regulab-kernels-{os.getuid()}")
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077
    return folder if private else None


# Once for all functions.
@lru_cache(maxsize=1)
def _warn_of(folder: Path | None) -> None:
    if folder is None:
        outcome = "compiled again in every run, which takes some twenty seconds"
    else:
        outcome = f"kept in {folder}, which may be cleared"
    warnings.warn(
        f"The kernels' compiled code is {outcome}: neither the folder of regulab nor your home folder can be written "
        f"to. {_REMEDY}",
        stacklevel=2,
    )


@lru_cache(maxsize=1)
def _source_checksum() -> int:
    """A checksum of all source files of the kernels."""
    checksum = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        checksum = zlib.crc32(path.read_bytes(), checksum)
    return checksum
