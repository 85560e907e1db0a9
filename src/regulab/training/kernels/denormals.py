"""Tiny numbers as zero, as TensorFlow has them in its own threads.

A word that few reviews hold has no gradient for hundreds of batches, and Adam's memory of it halves every seven until
it is smaller than a float can hold at full precision. On such numbers a processor takes many times as long:
without this module the late epochs of a training on IMDB take about twice the time of the early ones.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir

from regulab.training.kernels.jit import cgutils, intrinsic, types

# The bits of the control register MXCSR that take tiny operands and tiny results as zero. Other processors than
# Intel's and AMD's have other registers, and are less slow on such numbers.
_FLUSHING = 0x8040
_HAS_REGISTER = platform.machine().lower() in ("x86_64", "amd64")


def _register(builder: Any, name: str, place: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [place.type])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}"), [place])


def _place(builder: Any) -> Any:
    return cgutils.alloca_once(builder, ir.IntType(32))


@intrinsic
def flush(typing: Any) -> Any:
    """Take tiny numbers as zero in this thread, until `restore` is given what this returned."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        if not _HAS_REGISTER:
            return ir.IntType(32)(0)
        place = _place(builder)
        _register(builder, "stmxcsr", place)
        before = builder.load(place)
        builder.store(builder.or_(before, ir.IntType(32)(_FLUSHING)), place)
        _register(builder, "ldmxcsr", place)
        return before

    return types.int32(), generate


@intrinsic
def restore(typing: Any, before: int) -> Any:
    """Take tiny numbers as they were taken before `flush`."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        if _HAS_REGISTER:
            place = _place(builder)
            builder.store(given[0], place)
            _register(builder, "ldmxcsr", place)
        return context.get_dummy_value()

    return types.void(types.int32), generate
