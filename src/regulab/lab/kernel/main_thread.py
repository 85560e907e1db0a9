"""Has the main thread run something between two steps of whatever runs there.

What a thread's frames hold is for that thread to read. While another one reads them, they may be left and used again:
Python 3.11 then frees what is still in use, and the kernel is gone.
"""

from __future__ import annotations

import _thread
import ctypes
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from regulab.ipython import shell

T = TypeVar("T")
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Errand(Generic[T]):
    """A function that the main thread is to call once."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self.found: T | None = None
        self.interrupted = False
        self.done = threading.Event()
        # Held here: Python keeps only its address.
        self.callback = _CALLBACK(self._run)

    def _run(self, _: int | None) -> int:
        try:
            self.found = self._function()
        except KeyboardInterrupt:
            self.interrupted = True
        except Exception:
            # No error may leave this: there is no one to take it.
            self.found = None
        self.done.set()
        return 0


# Those that the main thread may yet call.
_open: set[_Errand[Any]] = set()


def in_main_thread(function: Callable[[], T], *, patience: float = 2.0) -> T | None:
    """What a function gives in the main thread; it must be quick, and do no harm when it is called late.

    Args:
        function: What to call. It may be called later yet where this gave up.
        patience: Seconds to wait for a main thread that is inside one long step or waits for something.

    Returns:
        What it gave, or None where it has given nothing in time.

    Example:
        >>> in_main_thread(lambda: threading.current_thread() is threading.main_thread())
        True
    """
    if threading.current_thread() is threading.main_thread():
        return function()
    _open.difference_update([each for each in _open if each.done.is_set()])
    errand = _Errand(function)
    _open.add(errand)
    if ctypes.pythonapi.Py_AddPendingCall(errand.callback, None) == 0:
        _wake()
        errand.done.wait(patience)
    if errand.interrupted:
        # It was meant for whatever runs there.
        _thread.interrupt_main()
    return errand.found


def _wake() -> None:
    """Let the main loop of a kernel that runs no cell turn once: it would sleep until the next message."""
    loop = getattr(getattr(shell(), "kernel", None), "io_loop", None)
    if loop is not None:
        loop.add_callback(lambda: None)
