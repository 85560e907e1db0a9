"""A noisy curve: its noise, its lowest level, its level at the end, and whether it rose for good."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.isotonic import prefixes

#: Below this number of epochs, a bend and noise are hard to tell apart by differences.
FEW = 16
# The end of a run is averaged over as many epochs as bring its error down to this share of the level.
_FINE = 0.02
# Share of the textbook value: neighbours are alike, and a valley has few rivals.
_PICKED = 0.7
# A level this share above the lowest counts as above it, if it is beyond the noise, too.
_ABOVE = 0.02
# A change of the last fifth of a run counts from this share of the level; where few epochs show it, from the other.
_GAIN, _GAIN_OF_FEW = 0.01, 0.02
# Few epochs can lie on a smooth line by luck: what they show of their noise counts as so many times as much.
_TRUSTED_OF_FEW = 8


@dataclass(frozen=True)
class Trend:
    """What a noisy curve did.

    Attributes:
        place: Where it is lowest.
        low: Its lowest level, corrected for having been picked as the lowest of noisy ones.
        end: Its level at the end.
        borne_out: The lowest level that one epoch alone does not make: of medians of three.
        noise: Standard deviation of a single value.
        fuzz: Standard error of `end`.
        window: How many of the last values `end` was taken from.
        onset: From where on it stays above its lowest level, or None.
        lasts: How many values that are.
    """

    place: int
    low: float
    borne_out: float
    end: float
    noise: float
    fuzz: float
    window: int
    onset: int | None
    lasts: int

    @property
    def rise(self) -> float:
        """How far above its lowest level it ends."""
        return self.end - self.low

    @property
    def persists(self) -> bool:
        """Whether it is above its lowest level for three epochs at least, in very short runs for two."""
        return self.onset is not None and self.lasts >= (2 if self.onset + self.lasts < 7 else 3)


def trend(values: np.ndarray) -> Trend:
    """The trend of a curve of finite values, one at least.

    Example:
        >>> found = trend(np.array([0.6, 0.4, 0.5, 0.6, 0.7]))
        >>> found.place, found.low, found.onset, round(found.end, 2)
        (1, 0.4, 2, 0.65)
    """
    noise = noise_of(values)
    place = int(values.argmin())
    window = _end_window(len(values), noise, float(values[place]))
    smooth = smoothed(values, window)
    # The standard error of a median is a quarter above that of a mean.
    fuzz = (1.25 if window > 2 else 1.0) * noise / math.sqrt(window)
    low = _unpicked(smooth, fuzz if window > 2 else noise, window)
    end = float(smooth[-1]) if window > 2 else float(values[-window:].mean())
    onset = _onset(smooth > low + max(2 * fuzz, _ABOVE * abs(low)), place)
    borne_out = float(smoothed(values, 3).min()) if len(values) > 2 else low
    return Trend(place, low, borne_out, end, noise, fuzz, window, onset, 0 if onset is None else len(values) - onset)


def noise_of(values: np.ndarray) -> float:
    """Standard deviation of what jumps from epoch to epoch, whatever the trend.

    Second and third differences take a smooth trend out, and the median leaves single jumps out. Where
    there are few epochs, a steep bend looks like noise to differences; there, what a fall and a rise
    cannot explain counts, if it is less.

    Example:
        >>> round(noise_of(np.array([3.0, 2.0, 1.0, 0.0, -1.0])), 6)
        0.0
        >>> noise_of(np.array([0.6, 0.4, 0.5, 0.7]))
        0.0
    """
    found = [
        1.4826 * float(np.median(np.abs(np.diff(values, order)))) / math.sqrt(math.comb(2 * order, order))
        for order in (2, 3)
        if len(values) > order + 1
    ]
    if 4 <= len(values) < FEW:
        found.append(_off_a_valley(values))
    return min(found, default=0.0)


def _off_a_valley(values: np.ndarray) -> float:
    """How far values lie off the nearest curve that falls, then rises, per epoch that does not follow from it."""
    falling, rising = prefixes(values), prefixes(values[::-1])
    # The fall has one value at least; where it ends, the rise begins.
    errors, steps = (each[0][1:] + each[1][::-1][1:] for each in zip(falling, rising, strict=True))
    return float(np.sqrt(errors / np.maximum(len(values) - steps, 1)).min())


def smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Running median over a window, which at the ends is moved inwards; a window of two or less smooths nothing."""
    if window <= 2:
        return values
    starts = np.clip(np.arange(len(values)) - window // 2, 0, len(values) - window)
    medians: np.ndarray = np.median(np.lib.stride_tricks.sliding_window_view(values, window), axis=1)
    return medians[starts]


def gained(values: np.ndarray) -> float:
    """By which share of its level the loss still improved over the last fifth of the run; 0 where noise explains it."""
    if len(values) < 2:
        return 0.0
    noise, recent = noise_of(values), max(1, len(values) // 5)
    after, before = values[-recent:], values[-2 * recent : -recent]
    level = abs(float(np.median(after)))
    drop = float(np.median(before) - np.median(after))
    # Nothing earlier may have been as good, but for luck.
    if drop <= max(_GAIN * level, 3 * noise * math.sqrt(2 / recent)):
        return 0.0
    if values[:-recent].min() + 2 * noise < np.median(after):
        return 0.0
    return drop / level if level else math.inf


def worsened(values: np.ndarray) -> tuple[slice, slice] | None:
    """The fifth of the run with the lowest mean and the last fifth, if that lies above it for sure.

    The counterpart of `gained`, which asks for as much. Few epochs have to rise by more, and smoothly; a fifth of them
    is two at least.

    Example:
        >>> worsened(np.array([0.7, *[0.5] * 9, *[0.52] * 10])), worsened(np.array([0.7, *[0.5] * 19]))
        ((slice(1, 5, None), slice(16, 20, None)), None)
        >>> worsened(np.array([0.8, 0.6, 0.5, 0.5, 0.51, 0.52, 0.53]))
        (slice(2, 4, None), slice(5, 7, None))
    """
    epochs, few = len(values), len(values) < FEW
    recent = max(2, epochs // 5)
    if epochs < 2 * recent:
        return None
    means = np.convolve(values, np.full(recent, 1 / recent), "valid")
    lowest = int(means[:-recent].argmin())
    # The first of many epochs are often the loudest, and both means are of later ones.
    noise = noise_of(values[-max(FEW, epochs // 2) :])
    error = _TRUSTED_OF_FEW * noise if few else 3 * noise * math.sqrt(2 / recent)
    enough = max((_GAIN_OF_FEW if few else _GAIN) * abs(float(means[lowest])), error)
    if means[-1] - means[lowest] <= enough:
        return None
    return slice(lowest, lowest + recent), slice(epochs - recent, epochs)


def _unpicked(smooth: np.ndarray, fuzz: float, window: int) -> float:
    """The lowest level: the lowest of k noisy values lies below it by about as much as the lowest of k normal ones."""
    lowest = float(smooth.min())
    rivals = np.count_nonzero(smooth <= lowest + 3 * fuzz) / window
    return lowest + _PICKED * fuzz * math.sqrt(2 * math.log(rivals)) if rivals > 1 else lowest


def _end_window(epochs: int, noise: float, level: float) -> int:
    """Over how many of the last epochs to average: few, or more where the noise asks for it and length allows."""
    least = 2 if epochs < 30 else 5
    # Held down before it is squared: a level next to zero would overflow.
    asked = min(noise / max(_FINE * abs(level), 1e-300), float(epochs)) ** 2 if noise else 0.0
    return min(max(least, math.ceil(min(asked, epochs))), max(2, epochs // 5), epochs)


def _onset(above: np.ndarray, lowest: int) -> int | None:
    """From where on values stay above their best, to the end; one in five may fall back in between."""
    onset, fallen = None, 0
    for place in range(len(above) - 1, lowest, -1):
        fallen += not above[place]
        if fallen > (len(above) - place) / 5:
            break
        if above[place]:
            onset = place
    return onset
