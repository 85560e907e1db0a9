"""Whether a curve rises after its lowest point by more than noise explains: one test over all of its epochs.

Two curves are fitted by least squares, to logarithms where all values are positive, since noise is a share of
the loss: the nearest one that never rises, and the nearest one that falls, turns and rises. Nothing else is
assumed about their shapes. How much better the second one fits, in units of the noise, is the strength of a rise.
It uses every epoch after the turn, wherever the turn is and however the curve rises from there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.isotonic import nonincreasing_fit, prefix_errors

# The noise that is expected before anything is seen, and how many epochs that counts for. Without it, a few
# epochs that happen to lie on a smooth line would seem to have no noise at all. benchmarks/verdicts shows the
# effect; these values were chosen on its tuning half.
_EXPECTED_NOISE, _PRIOR_EPOCHS = 0.02, 4.0
# A smooth rise steps up at every epoch, which leaves the fits no residuals to tell its noise from. How far three
# neighbours are from lying on a line tells it, too, with about half a degree of freedom for each.
_BEND_WEIGHT = 0.5
# Longer curves are averaged in groups down to this many values, which loses nothing of a slow rise.
_MOST_VALUES = 500
# The strength that noise alone reaches in one plateau of a hundred. Few epochs cannot reach it, and need less.
_THRESHOLD, _THRESHOLD_OF_NONE, _THRESHOLD_PER_EPOCH = 4.8, 1.0, 0.3
# An epoch counts as risen from this share of the rise on; a rise has to hold for some epochs, so that no single
# one decides.
_RISEN = 0.12


@dataclass(frozen=True)
class Rise:
    """How significantly a curve rises after its lowest point.

    Attributes:
        strength: By how much a curve that turns fits better than one that never rises, in standard deviations.
        threshold: The strength that noise reaches in about one plateau of a hundred.
        noise: Standard deviation of a single value, as a share of its level.
        epochs: For how many of the last values the fitted curve has been above its lowest level.
        height: How far above its lowest level the fitted curve ends, as a share of it.
    """

    strength: float
    threshold: float
    noise: float
    epochs: int
    height: float

    @property
    def significant(self) -> bool:
        """Whether neither noise nor a bump of an epoch or two at the end explains it."""
        return self.strength >= self.threshold and self.epochs >= 2


def rise(values: np.ndarray) -> Rise:
    """Test a curve of finite values, one at least, for a rise after its lowest point.

    The fits are prefix isotonic regressions (Stout, 2008): one pass forwards, one backwards, and the best place
    to join them.

    Example:
        >>> rise(np.array([0.6, 0.4, 0.5, 0.6, 0.7])).significant
        True
        >>> rise(np.array([0.6, 0.4, 0.38, 0.38, 0.37])).significant
        False
    """
    epochs, group = len(values), math.ceil(len(values) / _MOST_VALUES)
    logs = bool(values.min() > 0)
    curve = np.log(_group_means(values, group)) if logs else _in_units(_group_means(values, group))
    falling, falling_steps = prefix_errors(curve)
    rising, rising_steps = (array[::-1] for array in prefix_errors(curve[::-1]))
    turn = int((falling + rising).argmin())
    residual = float(falling[turn] + rising[turn])
    freedom = max(len(curve) - int(falling_steps[turn] + rising_steps[turn]), 0)
    bends, expected = np.diff(curve[turn:], 2), _EXPECTED_NOISE**2 / group
    # A second difference has six times the variance of a value.
    squares = residual + _BEND_WEIGHT * float(np.square(bends).sum()) / 6 + _PRIOR_EPOCHS * expected
    variance = squares / (freedom + _BEND_WEIGHT * len(bends) + _PRIOR_EPOCHS)
    strength = math.sqrt(max(float(falling[-1]) - residual, 0.0) / variance)
    fit = np.concatenate([nonincreasing_fit(curve[:turn]), nonincreasing_fit(curve[turn:][::-1])[::-1]])
    risen, low = fit[turn:] if turn < len(fit) else fit[-1:], float(fit.min())
    epochs_above = int(np.count_nonzero(risen > low + _RISEN * (risen[-1] - low))) * group
    noise = math.sqrt(variance * group)
    threshold = min(
        _THRESHOLD, (_THRESHOLD_OF_NONE + _THRESHOLD_PER_EPOCH * epochs) * max(1.0, noise / _EXPECTED_NOISE)
    )
    height = float(risen[-1]) - low
    # Limited: a loss that starts next to zero would overflow.
    share = math.expm1(min(height, 500.0)) if logs else height
    return Rise(strength, threshold, noise, epochs_above, share)


def _in_units(values: np.ndarray) -> np.ndarray:
    """The values in units of their usual size, limited, since squares of them are summed."""
    size = float(np.median(np.abs(values))) or float(np.abs(values).max()) or 1.0
    shares: np.ndarray = np.clip(values / max(size, 1e-200), -1e9, 1e9)
    return shares


def _group_means(values: np.ndarray, size: int) -> np.ndarray:
    # What does not fill a group is dropped at the start, far from the end that is judged.
    means: np.ndarray = values[len(values) % size :].reshape(-1, size).mean(axis=1)
    return means
