"""SIMD vectors: a few floats in registers, which compiled code calculates with as if they were one number.

The compiler vectorizes a long loop by itself. It does not vectorize a loop over a few columns inside a loop over the
words of a review, since it cannot know that the array written to is not the one read next. Explicit vectors tell it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from llvmlite import ir
from numba.extending import models as _models
from numba.extending import overload, register_model

from regulab.training.kernels.jit import Array, Float, cgutils, intrinsic, types

#: What compiled code calculates with: a `SimdVector` of some width, or one float.
Number = Any

# As in `jit`: sums may be reordered, and multiplications fused with additions.
_FLAGS = ("reassoc", "contract", "arcp", "nsz")
_FLOAT = ir.FloatType()
models: Any = _models


class SimdVector(types.Type):
    """Numba's type for a SIMD vector of float32.

    Args:
        width: The number of lanes. LLVM spreads wide vectors over several registers.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"SimdVector({width})")


@register_model(SimdVector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: SimdVector) -> None:
        super().__init__(manager, kind, ir.VectorType(_FLOAT, kind.width))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, at: Any, width: int) -> Any:
    """The address of the vector that begins at index `at` of a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), ir.VectorType(_FLOAT, width).as_pointer())


@intrinsic(prefer_literal=True)
def load(typing: Any, array: Array, at: int, width: Any) -> Any:
    """Read `array[at : at + width]` of a flat float32 array; the width is a compile-time constant."""
    size = width.literal_value
    array_type = array

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, array_type, args[0], args[1], size), align=4)

    return SimdVector(size)(array, types.intp, width), generate


@intrinsic
def store(typing: Any, array: Array, at: int, value: Number) -> Any:
    """Write a vector to `array[at : at + width]` of a flat float32 array."""
    array_type = array

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, array_type, args[0], args[1], value.width)
        builder.store(args[2], pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic(prefer_literal=True)
def splat(typing: Any, value: Float, width: Any) -> Any:
    """Broadcast a float to all lanes; the width is a compile-time constant."""
    size = width.literal_value

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _splat(builder, args[0], size)

    return SimdVector(size)(types.float32, width), generate


def _splat(builder: Any, value: Any, width: int) -> Any:
    first = builder.insert_element(ir.Constant(ir.VectorType(_FLOAT, width), ir.Undefined), value, ir.IntType(32)(0))
    all_first = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, ir.Constant(first.type, ir.Undefined), all_first)


@intrinsic
def prefetch(typing: Any, array: Array, at: int) -> Any:
    """Begin to load the cache line around index `at` of a flat array. An index outside of the array does no harm."""
    array_type = array

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(array_type)(context, builder, args[0]).data
        pointer = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
        integer = ir.IntType(32)
        signature_type = ir.FunctionType(ir.VoidType(), [pointer.type, integer, integer, integer])
        llvm_prefetch = cgutils.get_or_insert_function(builder.module, signature_type, "llvm.prefetch.p0")
        # For reading, into all levels of cache, in the data cache.
        builder.call(llvm_prefetch, [pointer, integer(0), integer(3), integer(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


def _operation(build: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """Overload an operator for two vectors, or a vector and a float, which is broadcast."""

    @intrinsic
    def calculate(typing: Any, left: Number, right: Number) -> Any:
        kinds = left, right
        width = next(kind.width for kind in kinds if isinstance(kind, SimdVector))

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pairs = zip(kinds, args, strict=True)
            sides = [value if isinstance(kind, SimdVector) else _splat(builder, value, width) for kind, value in pairs]
            return build(builder, *sides)

        return SimdVector(width)(*(kind if isinstance(kind, SimdVector) else types.float32 for kind in kinds)), generate

    def overloaded(left: Number, right: Number) -> Callable[[Number, Number], Number] | None:
        if not any(isinstance(kind, SimdVector) for kind in (left, right)):
            return None
        return lambda left, right: calculate(left, right)

    return overloaded


for _name, _instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    _build = partial(lambda name, builder, a, b: getattr(builder, name)(a, b, flags=_FLAGS), _instruction)
    for _symbol in (_name, f"i{_name}"):
        overload(getattr(operator, _symbol), strict=False)(_operation(_build))


def _elementwise(build: Callable[[Any, Any], Any]) -> Any:
    """An elementwise function of a vector."""

    @intrinsic
    def calculate(typing: Any, value: Number) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return build(builder, args[0])

        return value(value), generate

    return calculate


def _sign(builder: Any, value: Any) -> Any:
    zero = ir.Constant(value.type, None)
    above = builder.uitofp(builder.fcmp_ordered(">", value, zero), value.type)
    below = builder.uitofp(builder.fcmp_ordered("<", value, zero), value.type)
    return builder.fsub(above, below)


def _llvm_intrinsic(name: str) -> Callable[[Any, Any], Any]:
    """A function that LLVM has an instruction for."""

    def build(builder: Any, value: Any) -> Any:
        return builder.call(cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(value.type, [value.type]), f"llvm.{name}.v{value.type.count}f32"
        ), [value])  # fmt: skip

    return build


_vector_sqrt, _vector_absolute, _vector_sign = (
    _elementwise(build) for build in (_llvm_intrinsic("sqrt"), _llvm_intrinsic("fabs"), _sign)
)


def sqrt(value: Number) -> Number:
    """The square root of a float or a vector."""


def absolute(value: Number) -> Number:
    """The absolute value of a float or a vector."""


def sign(value: Number) -> Number:
    """The sign of a float or a vector: 1, 0 or -1."""


@overload(sqrt, strict=False)
def _sqrt(value: Number) -> Callable[[Number], Number]:
    return (lambda value: _vector_sqrt(value)) if isinstance(value, SimdVector) else (lambda value: np.sqrt(value))


@overload(absolute, strict=False)
def _absolute(value: Number) -> Callable[[Number], Number]:
    return (lambda value: _vector_absolute(value)) if isinstance(value, SimdVector) else (lambda value: abs(value))


@overload(sign, strict=False)
def _sign_of(value: Number) -> Callable[[Number], Number]:
    if isinstance(value, SimdVector):
        return lambda value: _vector_sign(value)
    # np.sign checks for NaN first, which would keep the loop from being vectorized.
    return lambda value: np.float32(value > np.float32(0)) - np.float32(value < np.float32(0))
