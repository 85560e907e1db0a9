"""Whether the seeds of a variant came to the same, or some of its trainings failed where others did not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulab.histories.history import Histories, History

# The highest loss lies this share above the lowest: less is of no weight, however certain.
_MATERIAL = 0.1
# Of studies whose variants spread alike, one in a hundred seems to have one that spreads more.
_LEVEL = 0.01
# Dropout and small models spread more than others, without a failure; this many times is ordinary.
_ORDINARY = 2.0
# Two clusters: the gap is this share of the whole range, and this many times the spread within the clusters.
_GAP_OF_RANGE, _GAP_OF_SPREAD = 0.5, 8.0
# And the worse ones have come down by no more than this share of what the best one has.
_PROGRESS = 0.75


@dataclass(frozen=True)
class SeedDisagreement:
    """A variant whose seeds come to different results, so that their mean describes none of them.

    Attributes:
        variant: Its name.
        losses: The lowest validation loss by seed, without penalty.
        stuck: The seeds that form a cluster of their own, well above the others; empty where no gap separates them.
        stalls: Whether the training loss of every stuck seed stays above what all others get down to, and by half of
            the gap or more; then they learn less, and do not overfit more.
        training_stuck: The lowest training loss among the stuck seeds; NaN where there are none or it is unknown.
        training_others: The highest of the lowest training losses of the others, likewise.
    """

    variant: str
    losses: Mapping[int, float]
    stuck: tuple[int, ...] = ()
    stalls: bool = False
    training_stuck: float = math.nan
    training_others: float = math.nan

    @property
    def reached(self) -> float:
        """What the variant reaches where its training does not fail: the lowest of its losses."""
        return min(self.losses.values())


def disagreements(histories: Histories, *, start: float | None = None) -> tuple[SeedDisagreement, ...] | None:
    """The variants whose seeds disagree, each seed at its own best epoch; None where no variant has two seeds.

    Either their losses vary many times as much as those of the other variants (an F-test of the variances, of which
    the others' is the median, corrected for the number of variants), or they fall into two clusters, of which one has
    come down much less from `start`. And in both cases the highest lies a tenth above the lowest, or more.

    Args:
        histories: The trainings of a study.
        start: The validation loss of a model that has learned nothing; by default the highest after the first epoch.

    Example:
        >>> losses = {"baseline": (0.300, 0.302, 0.301), "smaller": (0.490, 0.491, 0.308)}
        >>> histories = Histories(
        ...     tuple(
        ...         History(variant, seed, {"val_data_loss": (0.69, loss)})
        ...         for variant, row in losses.items()
        ...         for seed, loss in enumerate(row)
        ...     )
        ... )
        >>> [(found.variant, found.stuck) for found in disagreements(histories)]
        [('smaller', (0, 1))]
    """
    losses: dict[str, np.ndarray] = {}
    for variant in histories.variants:
        row = np.array([member.at("val_data_loss", member.best_epoch) for member in histories.of(variant)])
        if len(row) > 1 and np.isfinite(row).all():
            losses[variant] = row
    if not losses:
        return None
    if start is None:
        start = max(member.at("val_data_loss", 0) for variant in losses for member in histories.of(variant))
    spread = _spread_within(list(losses.values()))
    results = []
    for variant, row in losses.items():
        if np.ptp(row) < _MATERIAL * abs(row.min()):
            continue
        upper = _upper_cluster(row)
        clusters = upper is not None and _far_apart(row, upper, spread=spread, start=start)
        others = [other for name, other in losses.items() if name != variant]
        if clusters or _varies_more(row, others):
            results.append(_disagreement(histories.of(variant), row, upper))
    return tuple(results)


def _disagreement(members: tuple[History, ...], losses: np.ndarray, upper: np.ndarray | None) -> SeedDisagreement:
    by_seed = {member.seed: float(loss) for member, loss in zip(members, losses, strict=True)}
    if upper is None:
        return SeedDisagreement(members[0].variant, by_seed)
    training = np.array([_lowest(member) for member in members])
    worse, better = float(training[upper].min()), float(training[~upper].max())
    gap = float(losses[upper].min() - losses[~upper].max())
    return SeedDisagreement(
        members[0].variant,
        by_seed,
        stuck=tuple(member.seed for member, above in zip(members, upper, strict=True) if above),
        stalls=worse - better >= 0.5 * gap,
        training_stuck=worse,
        training_others=better,
    )


def _lowest(member: History) -> float:
    finite = [value for value in member.measures.get("train_data_loss", ()) if math.isfinite(value)]
    return min(finite, default=math.nan)


def _upper_cluster(losses: np.ndarray) -> np.ndarray | None:
    """Which losses lie above the widest gap; None where it is not most of the range."""
    ordered = np.sort(losses)
    gaps = np.diff(ordered)
    widest = int(gaps.argmax())
    # Where all are equal, none lies above another.
    if gaps[widest] == 0 or gaps[widest] < _GAP_OF_RANGE * np.ptp(losses):
        return None
    upper: np.ndarray = losses > ordered[widest]
    return upper


def _spread_within(rows: list[np.ndarray]) -> float:
    """The standard deviation within the two parts that the widest gap of each variant separates."""
    squares = freedom = 0.0
    for row in rows:
        ordered = np.sort(row)
        cut = int(np.diff(ordered).argmax()) + 1
        squares += sum(float(np.sum((part - part.mean()) ** 2)) for part in (ordered[:cut], ordered[cut:]))
        freedom += len(row) - 2
    return math.sqrt(squares / freedom) if freedom else math.inf


def _far_apart(losses: np.ndarray, upper: np.ndarray, *, spread: float, start: float) -> bool:
    gap = float(losses[upper].min() - losses[~upper].max())
    progress = start - float(losses[upper].min()) <= _PROGRESS * (start - float(losses.min()))
    return progress and gap >= _GAP_OF_SPREAD * spread


def _varies_more(losses: np.ndarray, others: list[np.ndarray]) -> bool:
    """Whether the losses of a variant vary many times as much as those of the others."""
    if not others:
        return False
    # Not `scipy.stats`, which is slow to import.
    from scipy.special import fdtrc

    freedom = len(losses) - 1
    # The median, so that another variant that disagrees as well does not hide this one; and of a skew distribution.
    skew = (1 - 2 / (9 * freedom)) ** 3
    reference = float(np.median([other.var(ddof=1) for other in others])) / skew
    variance = float(losses.var(ddof=1))
    if reference == 0:
        return variance > 0
    ratio = variance / (_ORDINARY**2 * reference)
    level = _LEVEL / (len(others) + 1)
    return bool(fdtrc(freedom, freedom * len(others), ratio) < level)
