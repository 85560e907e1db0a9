"""What the panel asks the kernel beside the cells leaves their figures alone.

IPython ends whatever it is asked to execute, silent or not, by showing the open figures and closing them. Asked
through a subshell while a cell runs, it would take the cell's figure away half drawn.
"""

from __future__ import annotations

from typing import Any

from regulab.play.opening import shell


def keep_quiet() -> None:
    """Let silent requests to this kernel trigger none of IPython's events; other requests do as before.

    Outside IPython, and from the second call on, nothing happens.
    """
    found = shell()
    if found is not None and not isinstance(found.events.trigger, _Quiet):
        found.events.trigger = _Quiet(found)


class _Quiet:
    """IPython's `trigger`, but for silent requests."""

    def __init__(self, found: Any) -> None:
        self._trigger, self._kernel = found.events.trigger, getattr(found, "kernel", None)

    def __call__(self, event: str, *args: Any, **kwargs: Any) -> None:
        # Each thread has a request of its own.
        request = self._kernel.get_parent() if self._kernel is not None else None
        if not (request or {}).get("content", {}).get("silent"):
            self._trigger(event, *args, **kwargs)
