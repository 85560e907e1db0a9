"""Checks of what the constructors of variants are given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any, cast

from regulab.errors import InputError
from regulab.models.graph import Layers


def number(name: str, value: Any, *, within: str, allowed: Callable[[float], bool], hint: str) -> float:
    """The value as a float, if it is a finite number in the range.

    Args:
        name: The parameter.
        value: What was given for it.
        within: The range in words, as in `"in [0, 1)"`.
        allowed: Whether a finite number is in the range.
        hint: What to do instead.

    Raises:
        InputError: If it is not a number, not finite or out of range.

    Example:
        >>> number("rate", 0.5, within="in [0, 1)", allowed=lambda x: 0 <= x < 1, hint="Use 0.5.")
        0.5
    """
    unusable = isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value)
    if unusable or not allowed(float(value)):
        raise InputError(f"Expected `{name}` {within}. Received: {name}={value!r}. {hint}")
    return float(value)


def positive(name: str, value: Any, *, hint: str) -> float:
    """The value as a float, if it is a finite number above 0.

    Raises:
        InputError: If it is not.
    """
    return number(name, value, within="above 0", allowed=lambda x: x > 0, hint=hint)


def layer_choice(layers: Any) -> Layers:
    """`layers=` in one form: a tuple of names and indices, a predicate, or None.

    Raises:
        InputError: If it is something else, or empty.

    Example:
        >>> layer_choice("dense")
        ('dense',)
    """
    if layers is None or callable(layers):
        return cast("Layers", layers)
    items = [layers] if isinstance(layers, str | Integral) or not isinstance(layers, Iterable) else list(layers)
    usual = all(isinstance(item, str | Integral) and not isinstance(item, bool) for item in items)
    if not items or not usual:
        raise InputError(
            "Expected `layers` as names or indices of layers, or a function of a layer. "
            f"Received: layers={layers!r}. Use for example layers=['dense', 'dense_1']."
        )
    return tuple(item if isinstance(item, str) else int(item) for item in items)


def call_text(kind: str, *strengths: float, layers: Layers = None) -> str:
    """A change as people write it, with its strengths and the layers that were chosen.

    Example:
        >>> call_text("l2", 0.001), call_text("l2", 0.001, layers=("dense", 2))
        ('l2(0.001)', 'l2(0.001, layers=dense|2)')
    """
    parts = [f"{strength:g}" for strength in strengths]
    if layers is not None:
        parts.append("layers=" + ("chosen" if callable(layers) else "|".join(map(str, layers))))
    return f"{kind}({', '.join(parts)})"


def layer_words(layers: Layers) -> str:
    """The layers in words, for a description.

    Example:
        >>> layer_words(None), layer_words(("dense",))
        ('each hidden layer', 'the layers dense')
    """
    if layers is None:
        return "each hidden layer"
    return "each chosen layer" if callable(layers) else f"the layers {', '.join(map(str, layers))}"
