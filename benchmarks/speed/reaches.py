"""What the figures ought to reach, for whoever works on regulab's speed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """One figure beside what is wanted of it.

    Attributes:
        what: The figure in words.
        value: What was measured.
        bound: What it ought to be.
        least: Whether the bound is the least wanted; else it is the most.
    """

    what: str
    value: float
    bound: float
    least: bool = False

    @property
    def reached(self) -> bool:
        """Whether it is."""
        return self.value >= self.bound if self.least else self.value <= self.bound

    def __str__(self) -> str:
        wanted = f"at {'least' if self.least else 'most'} {self.bound:g}"
        return f"{'reached' if self.reached else 'MISSED '}  {self.what}: {self.value:.3g} ({wanted})"
