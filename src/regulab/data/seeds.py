"""Seeds: the numbers that NumPy and Keras both take."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulab.errors import InputError

LARGEST = 2**32 - 1


def is_seed(value: Any) -> bool:
    """Whether a value can be a seed."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= int(value) <= LARGEST


def seed_number(value: Any, *, name: str = "seed") -> int:
    """The value as an int, if it can be a seed.

    Raises:
        InputError: If it cannot.

    Example:
        >>> seed_number(7)
        7
    """
    if not is_seed(value):
        raise InputError(f"Expected `{name}` to be a whole number from 0 to {LARGEST}. Received: {name}={value!r}.")
    return int(value)
