"""The functions that a rule can call, and how values are shown in a message."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

#: Decimal places that `round` takes at most, on either side of the point: a float has no more.
PLACES = 20


def shown(value: Any) -> str:
    """A value as a message shows it: numbers with four significant digits.

    Example:
        >>> shown([1 / 3, None, "relu"])
        '(0.3333, none, relu)'
    """
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return "(" + ", ".join(shown(element) for element in value) + ("," if len(value) == 1 else "") + ")"
    return str(value)[:300]


def _close(a: Any, b: Any, tolerance: float = 1e-6) -> bool:
    """Whether two numbers, or two lists of numbers, agree within a relative or absolute tolerance."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    numbers = (int, float)
    if not isinstance(a, numbers) or not isinstance(b, numbers):
        return False
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)


def _rounded(number: Any, places: int | None = None) -> Any:
    if places is not None and not -PLACES <= places <= PLACES:
        raise ValueError(f"expected at most {PLACES} places, received {places}")
    return round(number, places)


def _shifted(rows: list[Any], ids: list[Any]) -> int | None:
    """By how much most columns of the rows differ from the ids, or None where it is not by the same number.

    The first and the last ids may have been cut off, or have wrapped around to the other end.
    """
    hits = dict.fromkeys((0, *range(-9, 0), *range(1, 10)), 0)
    for row, row_ids in zip(rows, ids, strict=False):
        for shift in hits:
            hits[shift] += len(set(row) & {value + shift for value in row_ids})
    best = max(hits, key=hits.__getitem__)
    return best if hits[best] >= 0.9 * sum(len(row_ids) for row_ids in ids) else None


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "argmin": lambda values: min(range(len(values)), key=values.__getitem__),
    "ceil": math.ceil,
    "close": _close,
    "len": len,
    "listed": lambda values: ", ".join(shown(value) for value in values),
    "max": max,
    "min": min,
    "round": _rounded,
    "shifted": _shifted,
    "sorted": sorted,
    # Without a start value: a sum of lists would copy them once for each list.
    "sum": lambda values: sum(values),
    "unique": lambda values: sorted(set(values)),
    "zip": lambda *lists: [list(row) for row in zip(*lists, strict=False)],
}

#: Functions that look at the elements of a list, but not inside them.
SHALLOW = frozenset({"all", "any", "len", "sum", "zip"})
