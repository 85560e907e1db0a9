"""What the panel asks the kernel beside the cells leaves the cells' figures, threads and widgets alone.

IPython ends whatever it is asked to execute, silent or not, by showing the open figures and closing them. Asked
through a subshell while a cell runs, it would take the cell's figure away half drawn. And ipykernel takes what a
learner's own thread shows for part of the latest request, which a question is, too: a display would be shown nowhere,
and a widget moved by a thread would from then on be answered through the question's subshell, deaf once that is gone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from regulab.ipython import shell
from regulab.lab.kernel.main_thread import in_main_thread


def keep_quiet() -> None:
    """Let silent requests to this kernel trigger none of IPython's events, and own no thread but their own.

    Other requests do as before. Outside IPython, and from the second call on, nothing happens.
    """
    found = shell()
    if found is None or isinstance(found.events.trigger, _Quiet):
        return
    kernel: Any = getattr(found, "kernel", None)
    found.events.trigger = _Quiet(found.events.trigger, kernel)
    # ipykernel 7 has it; before, there were no subshells.
    if hasattr(kernel, "_shell_context"):
        # Threads belong by now to the request that asks for this; back to the cell that runs, if one does.
        in_main_thread(lambda: _claim_threads(kernel))
        kernel.set_parent = _Parents(kernel)


class _Quiet:
    """IPython's `trigger`, but for silent requests."""

    def __init__(self, trigger: Any, kernel: Any) -> None:
        self._trigger, self._kernel = trigger, kernel

    def __call__(self, event: str, *args: Any, **kwargs: Any) -> None:
        # Each thread has a request of its own.
        if self._kernel is None or not _silent(self._kernel.get_parent()):
            self._trigger(event, *args, **kwargs)


class _Parents:
    """The kernel's `set_parent`, which leaves what threads belong to as it is where the request is silent."""

    def __init__(self, kernel: Any) -> None:
        self._set_parent, self._kernel = kernel.set_parent, kernel

    def __call__(self, ident: Any, parent: Any, *args: Any, **kwargs: Any) -> None:
        before = [(each, name, getattr(each, name)) for each, name in _owners(self._kernel)] if _silent(parent) else []
        self._set_parent(ident, parent, *args, **kwargs)
        for each, name, value in before:
            setattr(each, name, value)


def _silent(request: Any) -> bool:
    return bool((request or {}).get("content", {}).get("silent"))


def _owners(kernel: Any) -> Iterator[tuple[Any, str]]:
    """Where ipykernel keeps what threads belong to: objects, and the attribute of each."""
    yield kernel, "_shell_context"
    for each in (kernel.shell.displayhook, kernel.shell.display_pub, sys.stdout, sys.stderr):
        if hasattr(each, "_parent_header_global"):
            yield each, "_parent_header_global"


def _claim_threads(kernel: Any) -> None:
    """Let threads belong to the request of the thread that calls this, if it has one."""
    request = kernel.get_parent()
    if request:
        kernel.set_parent(kernel._parent_ident["shell"], request)
