"""Calls a function in the main thread, between two steps of the cell that runs there.

Only a thread itself can safely read its frames. While another one reads them, they may be left and used again: Python
3.11 then frees what is still in use, and the kernel crashes.
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


class _PendingCall(Generic[T]):
    """A function that the main thread is to call once."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self.result: T | None = None
        self.interrupted = False
        self.done = threading.Event()
        # Kept alive here: Python holds only its address.
        self.callback = _CALLBACK(self._run)

    def _run(self, _: int | None) -> int:
        try:
            self.result = self._function()
        except KeyboardInterrupt:
            self.interrupted = True
        except Exception:
            # No error may leave this: Python's main loop would raise it in the learner's cell.
            self.result = None
        self.done.set()
        return 0


# Those that the main thread may still call.
_pending: set[_PendingCall[Any]] = set()


def in_main_thread(function: Callable[[], T], *, patience: float = 2.0) -> T | None:
    """Call a function in the main thread; it must be quick, and harmless where it is called late.

    Args:
        function: What to call. It may still be called after this has given up.
        patience: Seconds to wait for a main thread that is inside one long step or waits for something.

    Returns:
        Its result, or None where it raised or was not called in time.

    Example:
        >>> in_main_thread(lambda: threading.current_thread() is threading.main_thread())
        True
    """
    if threading.current_thread() is threading.main_thread():
        return function()
    _pending.difference_update([call for call in _pending if call.done.is_set()])
    call = _PendingCall(function)
    _pending.add(call)
    if ctypes.pythonapi.Py_AddPendingCall(call.callback, None) == 0:
        _wake()
        call.done.wait(patience)
    if call.interrupted:
        # The interrupt was meant for the cell that runs there.
        _thread.interrupt_main()
    return call.result


def _wake() -> None:
    """Let the event loop of a kernel that runs no cell turn once; it would sleep until the next message."""
    loop = getattr(getattr(shell(), "kernel", None), "io_loop", None)
    if loop is not None:
        loop.add_callback(lambda: None)
