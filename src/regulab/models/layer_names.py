"""Names that Keras gives, the same in every model that a function returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def numbered_from_the_start() -> Iterator[None]:
    """Let Keras number layers and metrics without a name as in a new session: `dense`, `dense_1`, `auc`.

    What is made afterwards gets numbers that neither this block nor anything before it has used.
    """
    # `clear_session`, the public way, would forget all else that Keras holds for the session.
    from keras.src.backend.common import global_state

    key = "object_name_uids"
    before = global_state.get_global_attribute(key) or {}
    global_state.set_global_attribute(key, Counter())
    try:
        yield
    finally:
        here = global_state.get_global_attribute(key) or {}
        global_state.set_global_attribute(key, Counter(before) | Counter(here))
