"""Names that Keras gives, the same in every model that a function returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from regulab.models.keras_internals import name_counters, set_name_counters


@contextmanager
def numbered_from_the_start() -> Iterator[None]:
    """Let Keras number layers and metrics without a name as in a new session: `dense`, `dense_1`, `auc`.

    What is made afterwards gets numbers that neither this block nor anything before it has used.
    """
    before = name_counters()
    set_name_counters(Counter())
    try:
        yield
    finally:
        set_name_counters(before | name_counters())
