"""UNDERFITTING: the model learns too little of what the training examples have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from regulab.diagnosis.analysis import accuracy, evidence
from regulab.diagnosis.finding import Finding
from regulab.diagnosis.trend import gained, trend
from regulab.diagnosis.turning_point import SHORTEST
from regulab.histories.history import Histories, History

# The loss has fallen by less than this share, accuracy has gained less and is below the limit.
FALL, GAIN, GOOD = 0.05, 0.05, 0.9
# A variant's training loss lies this share above the validation loss that another one reaches.
WORSE = 1.1
_ADVICE = (
    "Give the model more capacity (wider or deeper), weaken its regularization, raise the learning rate, or look at "
    "the features and labels. More data or stronger regularization will not help."
)


def check(history: History) -> Finding | None:
    """See whether both losses stay near where they began, and have stopped falling.

    A model that had been trained before looks the same, so that a log without accuracy is told with less
    weight. Does not apply to fewer than four epochs.
    """
    losses = evidence(history)
    if len(losses.training) != len(losses.validation):
        return None
    both = np.isfinite(losses.training) & np.isfinite(losses.validation)
    training, validation = losses.training[both], losses.validation[both]
    if len(training) < SHORTEST or not (training[0] and validation[0]):
        return None
    # The mean over the first epoch still holds what the model knew before it.
    first = max(float(training[0]), history.at("epoch_data_loss", 0) if losses.inference else -np.inf)
    falls = [
        (start - trend(curve).low) / abs(start)
        for start, curve in ((first, training), (float(validation[0]), validation))
    ]
    ends = [trend(curve).end for curve in (training, validation)]
    if max(falls) >= FALL or gained(training) or gained(validation) or ends[1] - ends[0] > 0.1 * abs(ends[0]):
        return None
    right = accuracy(history)
    right = None if right is None else right[np.isfinite(right)]
    known = right is not None and right.size > 0
    if right is not None and known and (np.median(right[-3:]) >= GOOD or right.max() - right[0] >= GAIN):
        return None
    return Finding(
        code="UNDERFITTING",
        severity="warning" if known or losses.inference else "info",
        message=(
            f"Neither loss falls: training loss goes from {first:.4g} to {ends[0]:.4g}, validation loss from "
            f"{validation[0]:.4g} to {ends[1]:.4g}."
        ),
        evidence={"train_loss_first": first, "train_loss_end": ends[0], "val_loss_end": ends[1], "fall": max(falls)},
        advice=_ADVICE + ("" if known else " If the model had been trained before this log begins, all is well."),
    )


def check_study(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Look for variants that cannot learn from the training examples what another one knows about unseen ones.

    Does not apply to variants that are still improving, or without losses of regulab's own.
    """
    means = {}
    for variant in histories.variants:
        tables = [histories.array(name, variant) for name in ("val_data_loss", "train_data_loss")]
        if all(np.isfinite(table).all() and table.size for table in tables):
            means[variant] = [table.mean(axis=0) for table in tables]
    if not means:
        return ()
    best = min(means, key=lambda variant: float(means[variant][0].min()))
    reached = float(means[best][0].min())
    # Where validation examples are easier, the best variant does not get its training loss as far down either.
    within = max(reached, float(means[best][1].min()))
    found = []
    for variant, (validation, training) in means.items():
        lowest = float(training.min())
        if len(training) < SHORTEST or gained(validation) or lowest - within < (WORSE - 1) * abs(reached):
            continue
        found.append(
            Finding(
                code="UNDERFITTING",
                severity="warning",
                message=(
                    f"{variant} gets training loss down to {lowest:.4g} only, although {best} reaches {reached:.4g} "
                    "on examples that it has not seen."
                ),
                evidence={"train_loss_best": lowest, "val_loss_of_best_variant": reached},
                advice=_ADVICE,
            )
        )
    return tuple(found)
