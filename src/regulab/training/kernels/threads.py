"""Runs the same task on several threads at once; compiled code releases the interpreter's lock (GIL)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

#: Calls a task with each thread's number, and returns when all calls have returned.
RunOnAll = Callable[[Callable[[int], None]], None]

# Multiplications that take about 0.1 ms, a few times as long as handing over a task takes.
_WORK_PER_THREAD = 500_000


def available() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_for(multiplications: float) -> int:
    """How many threads pay off for a batch with this many multiplications."""
    return max(1, min(available(), int(multiplications / _WORK_PER_THREAD)))


@contextmanager
def pool(threads: int) -> Iterator[RunOnAll]:
    """Start threads, and limit BLAS to one thread in each: BLAS threads of their own would compete for the cores."""
    with _blas().limit(limits=1), ThreadPoolExecutor(max(1, threads - 1)) as executor:

        def run_on_all(task: Callable[[int], None]) -> None:
            futures = [executor.submit(task, thread) for thread in range(1, threads)]
            task(0)
            for future in futures:
                future.result()

        yield run_on_all


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    # Compiled code multiplies matrices with SciPy's BLAS. threadpoolctl finds only libraries that are already loaded.
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController().select(user_api="blas")
