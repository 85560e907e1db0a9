"""Where a validation loss turns: its best epoch with an interval, the onset of overfitting, what it cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.curve import Curve, finite_curve
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.losses import clipped
from regulab.diagnosis.rise_test import Rise
from regulab.diagnosis.trend import FEW, Trend, worsened

#: Fewer epochs than this show no turn.
SHORTEST = 4
#: A rise of the validation loss counts from this share of its best. It is below the tenth that is to be
#: found, so that noise does not hide a tenth; benchmarks/verdicts shows what it misses and what it invents.
RISE = 0.05
#: A rise that is to be found. Where noise could hide one, the answer is inconclusive.
SOUGHT = 0.10
# How many standard errors above what is measured a rise may be, in one case of a hundred.
_UPPER_LIMIT = 2.33
# For how many epochs a rise has to hold; in very short runs, one less.
_LASTING = 3
# From this share of the strength that makes a rise significant, one of the size that is sought is not ruled out.
_LIKELY = 0.75
# The validation examples are the same after every epoch, so noise from one to the next does not show whether they
# are too few, and a printed loss may hold a penalty that shrinks: where the training loss falls to this share while
# validation loss creeps up, the loss on other examples, or without the penalty, may rise by several times as much.
_FALLEN = 0.75
# A training loss that is this share of its first value has nowhere left to fall.
_NEXT_TO_NOTHING = 1e-3


@dataclass(frozen=True)
class TurningPoint:
    """How a validation loss went.

    Attributes:
        best_epoch: The 0-based epoch with the lowest loss.
        interval: The first and the last epoch around it whose loss noise cannot tell from the lowest.
        best: The lowest loss, corrected for having been picked as the lowest of noisy ones.
        end: The loss at the end, averaged over the last epochs.
        noise: Standard deviation of a single epoch's loss.
        onset: The first 0-based epoch from which the loss stays above its best by more than noise explains while
            training loss falls, or None where it does not.
        known: Whether the run was long enough to see a turn: the loss had stopped falling, or turned.
        inconclusive: Why it cannot be told whether the model overfits, or None where it can.
    """

    best_epoch: int
    interval: tuple[int, int]
    best: float
    end: float
    noise: float
    onset: int | None
    known: bool
    inconclusive: Inconclusive | None = None

    @property
    def overfits(self) -> bool:
        """Whether there is an onset of overfitting."""
        return self.onset is not None

    @property
    def rise(self) -> float:
        """How far above its best the loss ends."""
        return self.end - self.best

    @property
    def relative_rise(self) -> float:
        """The same as a share of the best; NaN where the best is zero."""
        return self.rise / abs(self.best) if self.best else math.nan

    def __str__(self) -> str:
        first, last = (epoch + 1 for epoch in self.interval)
        best = f"best after epoch {self.best_epoch + 1}" + (
            f" (within noise: {first} to {last})" if last > first else ""
        )
        if self.onset is not None:
            return f"{best}; worse from epoch {self.onset + 1} on; ends {self.relative_rise:.0%} above its best"
        return f"{best}; it does not turn" if self.known else f"{best}; whether it turns is not known yet"


def turning_point(
    validation: Sequence[float] | np.ndarray, training: Sequence[float] | np.ndarray = ()
) -> TurningPoint | None:
    """Find the turning point of a validation loss.

    Args:
        validation: After every epoch; epochs without a finite value are skipped.
        training: Likewise. Without it nothing is said to overfit, since a rise of both losses is something else.

    Returns:
        The turning point, or None where no epoch has a finite validation loss.

    Example:
        >>> turn = turning_point([0.6, 0.4, 0.5, 0.6, 0.7], [0.6, 0.4, 0.3, 0.2, 0.1])
        >>> turn.best_epoch, turn.onset, turn.overfits
        (1, 2, True)
    """
    return turning_point_of(finite_curve(validation), clipped(training))


def turning_point_of(validation: Curve, training: np.ndarray) -> TurningPoint | None:
    """The same for a curve with the training loss after every epoch, NaN where it has none."""
    if not len(validation):
        return None
    trend, rise, epochs = validation.trend, validation.rise, validation.epochs
    rises = len(validation) >= SHORTEST and _rises(trend, rise, len(validation))
    trained = len(training) > epochs[-1]
    overfits = rises and trained and _falls(training[epochs], trend)
    onset = len(validation) - rise.epochs if trend.onset is None else trend.onset
    inconclusive = None if overfits else _inconclusive(trend, rise, len(validation), rises=rises, trained=trained)
    if not overfits and inconclusive is None and trained and _creeps_up(validation.values, training[epochs]):
        inconclusive = Inconclusive.RISES_SLIGHTLY
    near = np.flatnonzero(validation.values <= validation.values.min() + 2 * trend.noise)
    return TurningPoint(
        best_epoch=int(epochs[trend.lowest_index]),
        interval=(int(epochs[near[0]]), int(epochs[near[-1]])),
        best=trend.low,
        end=trend.end,
        noise=trend.noise,
        onset=int(epochs[onset]) if overfits else None,
        known=overfits or (len(validation) >= SHORTEST and validation.recent_gain == 0),
        inconclusive=inconclusive,
    )


def _rises(trend: Trend, rise: Rise, epochs: int) -> bool:
    """Whether the loss ends well above its best, by more than noise explains, for three epochs (of few, for two)."""
    return (
        rise.significant
        and rise.epochs >= (_LASTING - 1 if epochs < 7 else _LASTING)
        and trend.rise > 0
        and trend.rise >= RISE * abs(trend.low)
        # Half of it has to remain without the single lowest epoch.
        and trend.end - trend.low_of_medians >= RISE / 2 * abs(trend.low_of_medians)
    )


def _inconclusive(trend: Trend, rise: Rise, epochs: int, *, rises: bool, trained: bool) -> Inconclusive | None:
    """Why a loss that does not clearly overfit may still do so."""
    if rises:
        return Inconclusive.TRAINING_DOES_NOT_FALL if trained else Inconclusive.NO_TRAINING_LOSS
    # Both the end and the best are means over a window.
    noise = rise.noise
    if epochs >= FEW and trend.low:
        # Enough of them that bumps of an epoch or two need not count.
        noise = min(noise, trend.noise / abs(trend.low))
    error = noise * math.sqrt(2 / trend.window)
    share = min(trend.rise / abs(trend.low) if trend.low else 0.0, rise.height)
    hidden = share + _UPPER_LIMIT * error >= SOUGHT
    likely = rise.strength >= _LIKELY * rise.threshold and rise.height >= SOUGHT and rise.epochs >= _LASTING
    return Inconclusive.TOO_NOISY if hidden or likely else None


def _creeps_up(validation: np.ndarray, training: np.ndarray) -> bool:
    """Whether validation loss rises significantly, if only slightly, while training loss falls by a quarter."""
    fifths = worsened(validation)
    if fifths is None:
        return False
    before, after = (training[fifth].mean() for fifth in fifths)
    return bool(before > 0 and after <= _FALLEN * before)


def _falls(training: np.ndarray, trend: Trend) -> bool:
    """Whether training loss ends below its value at the best epoch, or next to zero."""
    start, best, end = training[0], training[trend.lowest_index], training[-trend.window :]
    if not (np.isfinite(best) and np.isfinite(end).all()):
        return False
    return bool(np.median(end) < best or np.abs(end).max() <= _NEXT_TO_NOTHING * abs(start))
