"""Work for the core that would idle while TensorFlow is imported."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_Found = TypeVar("_Found")


@contextmanager
def ahead(work: Callable[[], _Found]) -> Iterator[Callable[[], _Found]]:
    """Begin work in a process of its own, and give what waits for its result.

    What the work raises is raised where its result is asked for.

    Args:
        work: What to do. Its result is copied from one process to the other, and should not be large.
    """
    # Elsewhere than on Linux a process that begins as a copy of this one is not safe, and one that begins anew
    # imports for as long as it would save.
    if sys.platform != "linux":
        yield work
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("fork"), initializer=_leave_interrupts) as pool:
        yield pool.submit(work).result


def _leave_interrupts() -> None:
    # Control-C reaches both processes; the other one says that it has stopped.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
