"""Where compiled threads wait for one another, without going back to Python."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import ir

from regulab.training.kernels.jit import compiled, intrinsic, types
from regulab.training.kernels.layout import Array

# So often a thread looks before it lets others have its core: about as long as handing a core over takes.
_LOOKS = 2000
_yield_core = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())
# Above every number of arrivals.
_OPEN = np.int64(2**62)


@intrinsic
def _arrive(typing: Any, arrivals: Array) -> Any:
    """Count one thread more; all that it wrote before is seen by those that see the count."""
    kind = arrivals

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(kind)(context, builder, given[0]).data
        return builder.atomic_rmw("add", data, ir.IntType(64)(1), "seq_cst")

    return types.int64(arrivals), generate


@intrinsic
def _arrived(typing: Any, arrivals: Array) -> Any:
    """How many have arrived."""
    kind = arrivals

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(kind)(context, builder, given[0]).data
        return builder.load_atomic(data, "seq_cst", 8)

    return types.int64(arrivals), generate


@compiled
def wait(
    arrivals: Array,
    threads: int,
) -> None:
    """Return when all threads have called this as often as this one.

    Args:
        arrivals: How often any thread has come, int64, shape `(1,)`: zero before the first time.
        threads: How many there are.
    """
    if threads == 1:
        return
    before = _arrive(arrivals)
    if before >= _OPEN:
        return
    # The last of a round finds all others of it counted.
    needed = (before // threads + 1) * threads
    looks = 0
    while _arrived(arrivals) < needed:
        looks += 1
        if looks > _LOOKS:
            _yield_core()


def let_go(arrivals: np.ndarray) -> None:
    """Let everybody through from now on: one thread has failed, and will not come."""
    arrivals[0] = _OPEN
