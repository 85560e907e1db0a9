"""Losses in sentences: with as many digits as it takes to tell them from zero, or from each other."""

from __future__ import annotations

import math

# Beyond these, digits are more than anyone reads, and powers of ten are used.
_MOST, _LARGE = 9, 1e9


def decimals(loss: float) -> int:
    """How many decimals losses are written with that are about as large as this one: three for cross-entropies.

    Example:
        >>> decimals(0.297), decimals(0.00042), decimals(41.7), decimals(2_500_000.0)
        (3, 6, 3, 0)
    """
    if not loss or not math.isfinite(loss):
        return 3
    size = math.floor(math.log10(abs(loss)))
    return 2 - size if size < 0 else max(min(4 - size, 3), 0)


def written(value: float, places: int) -> str:
    """A loss with so many decimals; a power of ten where that would be too long, a dash where it is not finite.

    Example:
        >>> written(0.2968, 3), written(2_500_000.0, 0), written(4e-10, 12), written(8.5507e13, 0)
        ('0.297', '2,500,000', '4.00e-10', '8.551e+13')
        >>> written(-0.25, 3)  # with the minus sign of tables and figures
        '−0.250'
    """
    if not math.isfinite(value):
        return "–"
    if value < 0:
        return f"−{written(-value, places)}" if -value >= least(places) else written(-value, places)
    if abs(value) >= _LARGE:
        return f"{value:.3e}"
    if places > _MOST:
        return f"{value:.2e}" if abs(value) >= least(places) else "0"
    return f"{value:,.{places}f}"


def rounded(value: float, places: int) -> str:
    """With so many decimals, more where these would all be zeros.

    Example:
        >>> rounded(0.0123, 3), rounded(0.00042, 3)
        ('0.012', '0.0004')
    """
    return written(value, places) if abs(value) >= least(places) else f"{value:.1g}".replace("-", "−", value < 0)


def least(places: int) -> float:
    """The smallest number that so many decimals tell from zero."""
    return 0.5 * 10.0**-places


def apart(first: float, second: float) -> tuple[str, str]:
    """Two losses, with more decimals where they would look equal and are not.

    Example:
        >>> apart(0.3, 0.25), apart(0.30014, 0.30011)
        (('0.300', '0.250'), ('0.30014', '0.30011'))
    """
    pairs = [
        (written(first, digits), written(second, digits))
        for digits in range(decimals(second), max(_MOST, decimals(second)) + 1)
    ]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
