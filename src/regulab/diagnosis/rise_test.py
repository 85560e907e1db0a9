"""Whether a curve rises after its lowest point by more than noise explains: one test over all of its epochs.

Two curves are fitted by least squares, to logarithms where all values are positive, since noise is a share of
the loss: the nearest one that never rises, and the nearest one that falls, turns and rises. Nothing else is
asked of their shapes. How much better the second one fits, in units of the noise, is the strength of a rise.
It uses every epoch after the turn, wherever the turn is and however the curve rises from there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.isotonic import never_rising, prefixes

# What is expected of the noise before anything is seen, and how many epochs that counts for. Without it, a few
# epochs that lie on a smooth line by luck would seem to have no noise at all. benchmarks/verdicts shows what
# comes of it; these values were chosen on its tuning half.
_EXPECTED, _WORTH = 0.02, 4.0
# A smooth rise steps up at every epoch and leaves the fits nothing over to tell its noise from. How far three
# neighbours are from lying on a line tells it, too, with about half a degree of freedom for each.
_BENDS = 0.5
# Longer curves are averaged in groups down to this many values, which loses nothing of a slow rise.
_MOST = 500
# The strength that noise alone reaches in one plateau of a hundred. Few epochs cannot reach it, and need less.
_SURE, _SURE_OF_NONE, _SURE_PER_EPOCH = 4.8, 1.0, 0.3
# An epoch counts as risen from this share of the rise on; a rise has to hold for some epochs, so that no single
# one decides.
_RISEN = 0.12


@dataclass(frozen=True)
class Rise:
    """How surely a curve rises after its lowest point.

    Attributes:
        strength: By how much a curve that turns fits better than one that never rises, in standard deviations.
        needed: The strength that noise reaches in about one plateau of a hundred.
        noise: Standard deviation of a single value, as a share of its level.
        lasts: For how many of the last values the fitted curve has been above its lowest level.
        height: How far above its lowest level the fitted curve ends, as a share of it.
    """

    strength: float
    needed: float
    noise: float
    lasts: int
    height: float

    @property
    def sure(self) -> bool:
        """Whether noise does not explain it, nor a bump of an epoch or two at the end."""
        return self.strength >= self.needed and self.lasts >= 2


def rise(values: np.ndarray) -> Rise:
    """Test a curve of finite values, one at least, for a rise after its lowest point.

    The fits are prefix isotonic regressions (Stout, 2008): one pass forwards, one backwards, and the best place
    to join them.

    Example:
        >>> rise(np.array([0.6, 0.4, 0.5, 0.6, 0.7])).sure, rise(np.array([0.6, 0.4, 0.38, 0.38, 0.37])).sure
        (True, False)
    """
    epochs, grouped = len(values), math.ceil(len(values) / _MOST)
    logs = bool(values.min() > 0)
    curve = np.log(_grouped(values, grouped)) if logs else _in_units(_grouped(values, grouped))
    falling, falling_steps = prefixes(curve)
    rising, rising_steps = (each[::-1] for each in prefixes(curve[::-1]))
    turn = int((falling + rising).argmin())
    left = float(falling[turn] + rising[turn])
    free = max(len(curve) - int(falling_steps[turn] + rising_steps[turn]), 0)
    bends, expected = np.diff(curve[turn:], 2), _EXPECTED**2 / grouped
    # A second difference has six times the variance of a value.
    squares = left + _BENDS * float(np.square(bends).sum()) / 6 + _WORTH * expected
    variance = squares / (free + _BENDS * len(bends) + _WORTH)
    strength = math.sqrt(max(float(falling[-1]) - left, 0.0) / variance)
    fit = np.concatenate([never_rising(curve[:turn]), never_rising(curve[turn:][::-1])[::-1]])
    risen, low = fit[turn:] if turn < len(fit) else fit[-1:], float(fit.min())
    lasts = int(np.count_nonzero(risen > low + _RISEN * (risen[-1] - low))) * grouped
    noise = math.sqrt(variance * grouped)
    needed = min(_SURE, (_SURE_OF_NONE + _SURE_PER_EPOCH * epochs) * max(1.0, noise / _EXPECTED))
    height = float(risen[-1]) - low
    # Held down: a loss that starts next to zero would overflow.
    share = math.expm1(min(height, 500.0)) if logs else height
    return Rise(strength, needed, noise, lasts, share)


def _in_units(values: np.ndarray) -> np.ndarray:
    """The values in units of their usual size, held down, since squares of them are summed."""
    size = float(np.median(np.abs(values))) or float(np.abs(values).max()) or 1.0
    shares: np.ndarray = np.clip(values / max(size, 1e-200), -1e9, 1e9)
    return shares


def _grouped(values: np.ndarray, size: int) -> np.ndarray:
    # What does not fill a group is left out at the start, far from the end that is judged.
    means: np.ndarray = values[len(values) % size :].reshape(-1, size).mean(axis=1)
    return means
