"""Losses in sentences: with as many digits as it takes to tell them from zero, or from each other."""

from __future__ import annotations


def rounded(value: float) -> str:
    """Three decimals, more where these would all be zeros.

    Example:
        >>> rounded(0.0123), rounded(0.00042)
        ('0.012', '0.0004')
    """
    return f"{value:.3f}" if abs(value) >= 0.0005 else f"{value:.1g}"


def apart(one: float, other: float) -> tuple[str, str]:
    """Two losses with three decimals, or with more where they would look equal and are not.

    Example:
        >>> apart(0.3, 0.25), apart(0.30014, 0.30011)
        (('0.300', '0.250'), ('0.30014', '0.30011'))
    """
    written = [(f"{one:.{digits}f}", f"{other:.{digits}f}") for digits in range(3, 10)]
    return next((pair for pair in written if pair[0] != pair[1]), written[0])
