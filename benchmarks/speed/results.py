"""What was measured, on disk and as medians with their range."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, the lowest and the highest."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return self.text()

    def text(self, unit: str = "", *, digits: int = 3) -> str:
        """The median, and the range in parentheses where there is one.

        Example:
            >>> Spread(12.34, 11.98, 13.0).text("×")
            '12.3× (12.0–13.0)'
            >>> Spread(2.0, 2.0, 2.0).text(" s")
            '2.00 s'
        """
        middle, low, high = (plain(value, digits=digits) for value in (self.middle, self.low, self.high))
        return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low}–{high})"


def plain(value: float, *, digits: int = 3) -> str:
    """A number with some digits, and never with an exponent.

    Example:
        >>> plain(1234.5), plain(0.01234), plain(11.98)
        ('1234', '0.0123', '12.0')
    """
    if value == 0:
        return "0"
    before = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    after = max(0, digits - before)
    if not before:
        after = digits - 1 - int(f"{value:e}".partition("e")[2])
    return f"{value:.{after}f}"


def spread(values: Sequence[float]) -> Spread:
    """Median and range."""
    return Spread(median(values), min(values), max(values))


def of(records: Sequence[Record], case: str, contender: str, key: str = "seconds") -> list[float]:
    """The figure of every round, in their order."""
    chosen = [record for record in records if record["case"] == case and record["contender"] == contender]
    return [record["values"][key] for record in sorted(chosen, key=lambda record: record["round"])]


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Of two contenders round by round, so that what slows the machine in a round falls on both.

    Example:
        >>> ratio([10, 22, 30], [1, 2, 3])
        Spread(middle=10.0, low=10.0, high=11.0)
    """
    return spread([above / below for above, below in zip(over, under, strict=True)])


def cases(records: Sequence[Record]) -> list[str]:
    """Names of the cases, in the order in which they were measured."""
    return list(dict.fromkeys(record["case"] for record in records))


def contenders(records: Sequence[Record], case: str) -> list[str]:
    """Names of who took turns in a case, the same order whoever began."""
    return sorted({record["contender"] for record in records if record["case"] == case})


def load(path: Path) -> dict[str, Any]:
    """Everything measured so far, by part."""
    parts: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return parts


def store(path: Path, part: str, measured: dict[str, Any]) -> None:
    """Replace one part: its figures come from one run, and never from two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({**load(path), part: measured}, indent=1) + "\n")
    draft.replace(path)
