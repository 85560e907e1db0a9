"""A barrier for compiled threads: they wait for each other without returning to Python."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import ir

from regulab.training.kernels.jit import Array, compiled, intrinsic, types

# How often a thread spins before it yields its core: about as long as yielding takes.
_SPINS_BEFORE_YIELD = 2000
_yield_core = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())
# A count that no number of arrivals reaches.
_RELEASED = np.int64(2**62)


@intrinsic
def _arrive(typing: Any, arrivals: Array) -> Any:
    """Count this thread in, atomically, and return the count before it.

    A thread that reads the new count also sees everything that this thread wrote before.
    """
    array_type = arrivals

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(array_type)(context, builder, args[0]).data
        return builder.atomic_rmw("add", data, ir.IntType(64)(1), "seq_cst")

    return types.int64(arrivals), generate


@intrinsic
def _arrived(typing: Any, arrivals: Array) -> Any:
    """Read the count atomically."""
    array_type = arrivals

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(array_type)(context, builder, args[0]).data
        return builder.load_atomic(data, "seq_cst", 8)

    return types.int64(arrivals), generate


@compiled
def wait(
    arrivals: Array,
    threads: int,
) -> None:
    """Return once every thread has called this as often as the caller has.

    Args:
        arrivals: The barrier's counter of calls by all threads, int64, shape `(1,)`; zero before the first call.
        threads: How many threads share the barrier.
    """
    if threads == 1:
        return
    before = _arrive(arrivals)
    if before >= _RELEASED:
        return
    # Each round ends when the counter reaches the next multiple of the number of threads.
    needed = (before // threads + 1) * threads
    spins = 0
    while _arrived(arrivals) < needed:
        spins += 1
        if spins > _SPINS_BEFORE_YIELD:
            _yield_core()


def release(arrivals: np.ndarray) -> None:
    """Open the barrier for good, since one thread has failed and will never arrive."""
    arrivals[0] = _RELEASED
