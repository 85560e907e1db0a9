"""Treats denormal numbers as zero, as TensorFlow does in its own threads.

Denormals (subnormals) are floats too small for full precision. A word that occurs in few reviews gets no gradient for
hundreds of batches, while Adam's first moment of its weights halves every seven, until it is denormal. Processors are
many times slower on such numbers: without this module, late epochs on IMDB take about twice as long as early ones.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir

from regulab.training.kernels.jit import cgutils, intrinsic, types

# The flags FTZ (flush to zero, for results) and DAZ (denormals are zero, for operands) of the control register MXCSR.
# Only x86-64 has this register; other processors are less slow on denormals.
_FTZ_AND_DAZ = 0x8040
_HAS_MXCSR = platform.machine().lower() in ("x86_64", "amd64")


def _call_on_mxcsr(builder: Any, instruction: str, pointer: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [pointer.type])
    builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{instruction}"), [pointer])


def _int32_on_stack(builder: Any) -> Any:
    return cgutils.alloca_once(builder, ir.IntType(32))


@intrinsic
def flush_denormals(typing: Any) -> Any:
    """Treat denormals as zero in this thread, and return the register's previous value for `restore_denormals`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if not _HAS_MXCSR:
            return ir.IntType(32)(0)
        pointer = _int32_on_stack(builder)
        _call_on_mxcsr(builder, "stmxcsr", pointer)
        before = builder.load(pointer)
        builder.store(builder.or_(before, ir.IntType(32)(_FTZ_AND_DAZ)), pointer)
        _call_on_mxcsr(builder, "ldmxcsr", pointer)
        return before

    return types.int32(), generate


@intrinsic
def restore_denormals(typing: Any, before: int) -> Any:
    """Treat denormals as before `flush_denormals`, which returned `before`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if _HAS_MXCSR:
            pointer = _int32_on_stack(builder)
            builder.store(args[0], pointer)
            _call_on_mxcsr(builder, "ldmxcsr", pointer)
        return context.get_dummy_value()

    return types.void(types.int32), generate
