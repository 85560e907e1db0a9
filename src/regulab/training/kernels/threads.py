"""The same task on several threads at once; kernels release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

#: Runs a task with each thread's number, and returns when all are done.
Together = Callable[[Callable[[int], None]], None]

# Multiplications that take about 0.1 ms, a few times what it takes to hand over a task.
_WORK_A_THREAD = 500_000


def count() -> int:
    """How many threads there is room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth(work: float) -> int:
    """How many threads a task of so many multiplications is worth: waking one takes as long as a good many of them."""
    return max(1, min(count(), int(work / _WORK_A_THREAD)))


@contextmanager
def workers(threads: int) -> Iterator[Together]:
    """Start threads, each with a matrix library of its own: were that to start threads too, they would queue."""
    with _matrix_libraries().limit(limits=1), ThreadPoolExecutor(max(1, threads - 1)) as pool:

        def together(task: Callable[[int], None]) -> None:
            others = [pool.submit(task, thread) for thread in range(1, threads)]
            task(0)
            for other in others:
                other.result()

        yield together


@lru_cache(maxsize=1)
def _matrix_libraries() -> ThreadpoolController:
    # Compiled kernels multiply by SciPy's library, which may not have been loaded yet: it would go unnoticed here.
    import scipy.linalg.cython_blas  # noqa: F401

    return ThreadpoolController().select(user_api="blas")
