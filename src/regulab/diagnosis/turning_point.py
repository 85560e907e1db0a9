"""Where a validation loss turns: its best epoch with an interval, the onset of overfitting, what it cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.analysis import tamed
from regulab.diagnosis.rise_test import Rise, rise
from regulab.diagnosis.trend import FEW, Trend, gained, trend, worsened

#: Fewer epochs than this show no turn.
SHORTEST = 4
#: A rise of the validation loss counts from this share of its best. It is below the tenth that is to be
#: found, so that noise does not hide a tenth; benchmarks/verdicts shows what it misses and what it invents.
RISE = 0.05
#: A rise that is to be found. Where noise could hide one, nothing is said of it.
SOUGHT = 0.10
# How many standard errors above what is measured a rise may be, in one case of a hundred.
_MAY_BE = 2.33
# For how many epochs a rise has to hold; in very short runs, one less.
_LASTING = 3
# From this share of the strength that makes a rise sure, one of the size that is sought is not ruled out.
_LIKELY = 0.75
# The validation examples are the same after every epoch, so noise from one to the next does not show whether they
# are too few, and a printed loss may hold a penalty that shrinks: where the training loss falls to this share while
# validation loss creeps up, the loss on other examples, or without the penalty, may rise by several times as much.
_LESS = 0.75
# A training loss that is this share of its first value has nowhere left to fall.
_NOTHING = 1e-3


@dataclass(frozen=True)
class Turning:
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
        doubt: Why it cannot be told whether the model overfits, in a few words; empty where it can.
    """

    best_epoch: int
    interval: tuple[int, int]
    best: float
    end: float
    noise: float
    onset: int | None
    known: bool
    doubt: str = ""

    @property
    def overfits(self) -> bool:
        """Whether there is an onset of overfitting."""
        return self.onset is not None

    @property
    def rise(self) -> float:
        """How far above its best the loss ends."""
        return self.end - self.best

    @property
    def lost(self) -> float:
        """The same as a share of the best; NaN where the best is zero."""
        return self.rise / abs(self.best) if self.best else math.nan

    def __str__(self) -> str:
        first, last = (epoch + 1 for epoch in self.interval)
        best = f"best after epoch {self.best_epoch + 1}" + (
            f" (within noise: {first} to {last})" if last > first else ""
        )
        if self.onset is not None:
            return f"{best}; worse from epoch {self.onset + 1} on; ends {self.lost:.0%} above its best"
        return f"{best}; it does not turn" if self.known else f"{best}; whether it turns is not known yet"


def turning(validation: Sequence[float] | np.ndarray, training: Sequence[float] | np.ndarray = ()) -> Turning | None:
    """Find the turn of a validation loss.

    Args:
        validation: After every epoch; epochs without a finite value are passed over.
        training: Likewise. Without it nothing is said to overfit, since a rise of both losses is something else.

    Returns:
        What was found, or None where no epoch has a finite validation loss.

    Example:
        >>> found = turning([0.6, 0.4, 0.5, 0.6, 0.7], [0.6, 0.4, 0.3, 0.2, 0.1])
        >>> found.best_epoch, found.onset, found.overfits
        (1, 2, True)
    """
    validation = tamed(validation)
    measured = np.flatnonzero(np.isfinite(validation))
    if not measured.size:
        return None
    found, test = trend(validation[measured]), rise(validation[measured])
    rises = len(measured) >= SHORTEST and _rises(found, test, len(measured))
    training = tamed(training)
    falls = _falls(training, measured, found)
    onset = len(measured) - test.lasts if found.onset is None else found.onset
    overfits = rises and falls
    doubt = "" if overfits else _doubt(found, test, len(measured), rises=rises, trained=len(training) > measured[-1])
    if not overfits and not doubt and _creeps(validation, training, measured):
        doubt = "rises slightly"
    near = np.flatnonzero(validation[measured] <= validation[measured].min() + 2 * found.noise)
    return Turning(
        best_epoch=int(measured[found.place]),
        interval=(int(measured[near[0]]), int(measured[near[-1]])),
        best=found.low,
        end=found.end,
        noise=found.noise,
        onset=int(measured[onset]) if overfits else None,
        known=overfits or (len(measured) >= SHORTEST and gained(validation[measured]) == 0),
        doubt=doubt,
    )


def _rises(found: Trend, test: Rise, epochs: int) -> bool:
    """Whether the loss ends well above its best, by more than noise explains, for three epochs (of few, for two)."""
    return (
        test.sure
        and test.lasts >= (_LASTING - 1 if epochs < 7 else _LASTING)
        and found.rise > 0
        and found.rise >= RISE * abs(found.low)
        # Half of it has to remain where a single low epoch is left out.
        and found.end - found.borne_out >= RISE / 2 * abs(found.borne_out)
    )


def _doubt(found: Trend, test: Rise, epochs: int, *, rises: bool, trained: bool) -> str:
    """Why a loss that does not overfit for sure may do so yet."""
    if rises:
        return "validation loss rises, but training loss does not fall" if trained else "no training loss"
    # Both the end and the best are means over a window.
    noise = test.noise
    if epochs >= FEW and found.low:
        # Enough of them that bumps of an epoch or two need not count.
        noise = min(noise, found.noise / abs(found.low))
    error = noise * math.sqrt(2 / found.window)
    share = min(found.rise / abs(found.low) if found.low else 0.0, test.height)
    hidden = share + _MAY_BE * error >= SOUGHT
    likely = test.strength >= _LIKELY * test.needed and test.height >= SOUGHT and test.lasts >= _LASTING
    return "too noisy" if hidden or likely else ""


def _creeps(validation: np.ndarray, training: np.ndarray, measured: np.ndarray) -> bool:
    """Whether validation loss rises for sure, be it by little, while training loss falls by a quarter."""
    stretches = worsened(validation[measured])
    if stretches is None or len(training) <= measured[-1]:
        return False
    then, now = (training[measured][stretch].mean() for stretch in stretches)
    return bool(then > 0 and now <= _LESS * then)


def _falls(training: np.ndarray, measured: np.ndarray, found: Trend) -> bool:
    """Whether training loss ends below where it was at the best epoch, or is as good as zero."""
    if len(training) <= measured[-1]:
        return False
    training = training[measured]
    start, then, now = training[0], training[found.place], training[-found.window :]
    if not (np.isfinite(then) and np.isfinite(now).all()):
        return False
    return bool(np.median(now) < then or np.abs(now).max() <= _NOTHING * abs(start))
