"""Some floats side by side in registers, which kernels calculate with as if they were one number.

The compiler vectorizes a long loop by itself. A loop over a few columns, inside one over the words of a review, it does
not: it cannot know that what is written is not what is read next. Lanes say so.
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

from regulab.training.kernels.jit import cgutils, intrinsic, types
from regulab.training.kernels.layout import Array, Float

#: What a kernel calculates with: `Lanes` of some width, or one float.
Number = Any

# Sums may be reordered and multiplications fused with additions, as in all kernels.
_FLAGS = ("reassoc", "contract", "arcp", "nsz")
_FLOAT = ir.FloatType()
models: Any = _models


class Lanes(types.Type):
    """The type of a number of floats side by side.

    Args:
        width: How many.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Lanes({width})")


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Lanes) -> None:
        super().__init__(manager, kind, ir.VectorType(_FLOAT, kind.width))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, at: Any, width: int) -> Any:
    """Where the lanes from place `at` of a flat array lie."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), ir.VectorType(_FLOAT, width).as_pointer())


@intrinsic(prefer_literal=True)
def load(typing: Any, array: Array, at: int, width: Any) -> Any:
    """`array[at : at + width]` of a flat float32 array as lanes; the width is a constant."""
    size = width.literal_value
    kind = array

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.load(_pointer(context, builder, kind, given[0], given[1], size), align=4)

    return Lanes(size)(array, types.intp, width), generate


@intrinsic
def store(typing: Any, array: Array, at: int, value: Number) -> Any:
    """Write lanes to `array[at : at + width]` of a flat float32 array."""
    kind = array

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        pointer = _pointer(context, builder, kind, given[0], given[1], value.width)
        builder.store(given[2], pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic(prefer_literal=True)
def splat(typing: Any, value: Float, width: Any) -> Any:
    """The same float in all lanes; the width is a constant."""
    size = width.literal_value

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return _splat(builder, given[0], size)

    return Lanes(size)(types.float32, width), generate


def _splat(builder: Any, value: Any, width: int) -> Any:
    first = builder.insert_element(ir.Constant(ir.VectorType(_FLOAT, width), ir.Undefined), value, ir.IntType(32)(0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, ir.Constant(first.type, ir.Undefined), places)


@intrinsic
def prefetch(typing: Any, array: Array, at: int) -> Any:
    """Begin to load what lies around place `at` of a flat array into the caches."""
    kind = array

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(kind)(context, builder, given[0]).data
        place = builder.bitcast(builder.gep(data, [given[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kinds = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        known = cgutils.get_or_insert_function(builder.module, kinds, "llvm.prefetch.p0")
        # To read, to be kept in all caches, as data.
        builder.call(known, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


def _operation(build: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """What an operator does with two numbers of which one at least is lanes; the other may be a float."""

    @intrinsic
    def calculate(typing: Any, left: Number, right: Number) -> Any:
        kinds = left, right
        width = next(kind.width for kind in kinds if isinstance(kind, Lanes))

        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            pairs = zip(kinds, given, strict=True)
            sides = [value if isinstance(kind, Lanes) else _splat(builder, value, width) for kind, value in pairs]
            return build(builder, *sides)

        return Lanes(width)(*(kind if isinstance(kind, Lanes) else types.float32 for kind in kinds)), generate

    def chosen(left: Number, right: Number) -> Callable[[Number, Number], Number] | None:
        if not any(isinstance(kind, Lanes) for kind in (left, right)):
            return None
        return lambda left, right: calculate(left, right)

    return chosen


for _name, _instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    _build = partial(lambda name, builder, a, b: getattr(builder, name)(a, b, flags=_FLAGS), _instruction)
    for _symbol in (_name, f"i{_name}"):
        overload(getattr(operator, _symbol), strict=False)(_operation(_build))


def _function(build: Callable[[Any, Any], Any]) -> Any:
    """A function of lanes, lane by lane."""

    @intrinsic
    def calculate(typing: Any, value: Number) -> Any:
        def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            return build(builder, given[0])

        return value(value), generate

    return calculate


def _sign(builder: Any, value: Any) -> Any:
    zero = ir.Constant(value.type, None)
    above = builder.uitofp(builder.fcmp_ordered(">", value, zero), value.type)
    below = builder.uitofp(builder.fcmp_ordered("<", value, zero), value.type)
    return builder.fsub(above, below)


def _named(name: str) -> Callable[[Any, Any], Any]:
    """A function that the compiler knows."""

    def build(builder: Any, value: Any) -> Any:
        return builder.call(cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(value.type, [value.type]), f"llvm.{name}.v{value.type.count}f32"
        ), [value])  # fmt: skip

    return build


_lanes_sqrt, _lanes_absolute, _lanes_sign = _function(_named("sqrt")), _function(_named("fabs")), _function(_sign)


def sqrt(value: Number) -> Number:
    """The square root, of a float or lanes."""


def absolute(value: Number) -> Number:
    """Without the sign."""


def sign(value: Number) -> Number:
    """1, 0 or -1."""


@overload(sqrt, strict=False)
def _sqrt(value: Number) -> Callable[[Number], Number]:
    return (lambda value: _lanes_sqrt(value)) if isinstance(value, Lanes) else (lambda value: np.sqrt(value))


@overload(absolute, strict=False)
def _absolute(value: Number) -> Callable[[Number], Number]:
    return (lambda value: _lanes_absolute(value)) if isinstance(value, Lanes) else (lambda value: abs(value))


@overload(sign, strict=False)
def _sign_of(value: Number) -> Callable[[Number], Number]:
    if isinstance(value, Lanes):
        return lambda value: _lanes_sign(value)
    # np.sign asks about NaN first, and the loop would not be vectorized.
    return lambda value: np.float32(value > np.float32(0)) - np.float32(value < np.float32(0))
