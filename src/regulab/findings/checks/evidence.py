"""Which curves of a history may be judged, and what it cannot tell."""

from __future__ import annotations

from regulab.histories.history import History


def unknown(history: History) -> tuple[str, ...]:
    """What a history cannot tell, one sentence each."""
    return ()
