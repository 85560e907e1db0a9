"""DUPLICATES-ACROSS-SPLITS: training examples stand among the validation or test examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulab.diagnosis.finding import Finding
from regulab.histories.history import Histories

# From this share of a split on it matters.
SHARE = 0.01


def check(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Read in the study document how many rows of a split stand in training, too; silent where it does not say."""
    data = study.get("data") or {}
    counts = data.get("duplicates") or {}
    found = {split: int(count) for split, count in counts.items() if split in ("validation", "test") and count}
    if not found:
        return ()
    shares = {split: count / max(int(data.get(split) or count), 1) for split, count in found.items()}
    worst = max(shares.values())
    what = " and ".join(
        f"{count} {split} example{'s' * (count > 1)} ({shares[split]:.1%})" for split, count in found.items()
    )
    return (
        Finding(
            code="DUPLICATES-ACROSS-SPLITS",
            severity="warning" if worst >= SHARE else "info",
            message=f"{what} stand in the training split, too.",
            evidence={**found, **{f"{split}_share": share for split, share in shares.items()}},
            advice=(
                "A model that learns examples by heart is right on these without having understood anything, which "
                "hides overfitting. Remove them from the validation and test splits, or split by group."
            ),
        ),
    )
