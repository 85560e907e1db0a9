"""A noisy curve: its noise, its lowest level, its level at the end, and whether it stays above its lowest level."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulab.diagnosis.isotonic import prefix_errors
from regulab.diagnosis.running_median import running_median

#: Below this number of epochs, a bend and noise are hard to tell apart by differences.
FEW = 16
# From this number of epochs on, running means are summed in another order, so that time grows with the length alone.
_LONG = 10_000
# The end of a run is averaged over as many epochs as bring its error down to this share of the level.
_END_PRECISION = 0.02
# Share of the textbook value: neighbours are alike, and a valley has few rivals.
_SELECTION_SHARE = 0.7
# A level this share above the lowest counts as above it, if it is beyond the noise, too.
_ABOVE = 0.02
# A change in the last fifth of a run counts from this share of the level; where few epochs show it, from the other.
_CHANGE, _CHANGE_OF_FEW = 0.01, 0.02
# Few epochs can happen to lie on a smooth line: the noise that they show counts this many times.
_NOISE_FACTOR_OF_FEW = 8


@dataclass(frozen=True)
class Trend:
    """What a noisy curve did.

    Attributes:
        lowest_index: Where it is lowest.
        low: Its lowest level, corrected for having been picked as the lowest of noisy ones.
        low_of_medians: The lowest median of three neighbours, which no single epoch makes.
        end: Its level at the end.
        noise: Standard deviation of a single value.
        end_error: Standard error of `end`.
        window: How many of the last values `end` was taken from.
        onset: From which index on it stays above its lowest level, or None.
        epochs_above: How many values that are.
    """

    lowest_index: int
    low: float
    low_of_medians: float
    end: float
    noise: float
    end_error: float
    window: int
    onset: int | None
    epochs_above: int

    @property
    def rise(self) -> float:
        """How far above its lowest level it ends."""
        return self.end - self.low

    @property
    def persists(self) -> bool:
        """Whether it is above its lowest level for at least three epochs, in very short runs for two."""
        return self.onset is not None and self.epochs_above >= (2 if self.onset + self.epochs_above < 7 else 3)


def trend(values: np.ndarray) -> Trend:
    """The trend of a curve of finite values, one at least.

    Example:
        >>> valley = trend(np.array([0.6, 0.4, 0.5, 0.6, 0.7]))
        >>> valley.lowest_index, valley.low, valley.onset, round(valley.end, 2)
        (1, 0.4, 2, 0.65)
    """
    noise = noise_of(values)
    lowest_index = int(values.argmin())
    window = _end_window(len(values), noise, float(values[lowest_index]))
    smooth = running_median(values, window)
    # The standard error of a median is a quarter above that of a mean.
    end_error = (1.25 if window > 2 else 1.0) * noise / math.sqrt(window)
    low = _corrected_lowest(smooth, end_error if window > 2 else noise, window)
    onset = _onset(smooth > low + max(2 * end_error, _ABOVE * abs(low)), lowest_index)
    return Trend(
        lowest_index=lowest_index,
        low=low,
        low_of_medians=float(running_median(values, 3).min()) if len(values) > 2 else low,
        end=float(smooth[-1]) if window > 2 else float(values[-window:].mean()),
        noise=noise,
        end_error=end_error,
        window=window,
        onset=onset,
        epochs_above=0 if onset is None else len(values) - onset,
    )


def noise_of(values: np.ndarray) -> float:
    """Standard deviation of the jumps from epoch to epoch, whatever the trend.

    Second and third differences take a smooth trend out, and the median is robust to single jumps. Where
    there are few epochs, a steep bend looks like noise to differences; there, what a fall and a rise
    cannot explain counts, if it is less.

    Example:
        >>> round(noise_of(np.array([3.0, 2.0, 1.0, 0.0, -1.0])), 6)
        0.0
        >>> noise_of(np.array([0.6, 0.4, 0.5, 0.7]))
        0.0
    """
    estimates = [
        1.4826 * float(np.median(np.abs(np.diff(values, order)))) / math.sqrt(math.comb(2 * order, order))
        for order in (2, 3)
        if len(values) > order + 1
    ]
    if 4 <= len(values) < FEW:
        estimates.append(_valley_residual(values))
    return min(estimates, default=0.0)


def _valley_residual(values: np.ndarray) -> float:
    """How far values lie from the nearest curve that falls, then rises, per epoch that does not follow from it."""
    falling, rising = prefix_errors(values), prefix_errors(values[::-1])
    # The fall has one value at least; where it ends, the rise begins.
    errors, steps = (fall[1:] + rise[::-1][1:] for fall, rise in zip(falling, rising, strict=True))
    return float(np.sqrt(errors / np.maximum(len(values) - steps, 1)).min())


def recent_gain(values: np.ndarray, *, noise: float | None = None) -> float:
    """By which share of its level the loss still improved in the last fifth of the run; 0 where noise explains it.

    Args:
        values: A curve of finite values.
        noise: Its `noise_of`, where that is known already.
    """
    if len(values) < 2:
        return 0.0
    noise, recent = noise_of(values) if noise is None else noise, max(1, len(values) // 5)
    after, before = values[-recent:], values[-2 * recent : -recent]
    level = abs(float(np.median(after)))
    drop = float(np.median(before) - np.median(after))
    # No earlier value may have been as good, except by chance.
    if drop <= max(_CHANGE * level, 3 * noise * math.sqrt(2 / recent)):
        return 0.0
    if values[:-recent].min() + 2 * noise < np.median(after):
        return 0.0
    return drop / level if level else math.inf


def worsened(values: np.ndarray) -> tuple[slice, slice] | None:
    """The fifth of the run with the lowest mean and the last fifth, if that one lies significantly above it.

    The counterpart of `recent_gain`, with the same threshold. Few epochs have to rise by more, and smoothly; a fifth
    of them is two at least.

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
    means = _running_means(values, recent)
    lowest = int(means[:-recent].argmin())
    # The first of many epochs are often the noisiest, and both means are of later ones.
    noise = noise_of(values[-max(FEW, epochs // 2) :])
    error = _NOISE_FACTOR_OF_FEW * noise if few else 3 * noise * math.sqrt(2 / recent)
    enough = max((_CHANGE_OF_FEW if few else _CHANGE) * abs(float(means[lowest])), error)
    if means[-1] - means[lowest] <= enough:
        return None
    return slice(lowest, lowest + recent), slice(epochs - recent, epochs)


def _running_means(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of every window, shape `(values - window + 1,)`."""
    if len(values) <= _LONG:
        return np.convolve(values, np.full(window, 1 / window), "valid")
    # Cut into pieces as long as a window, a curve has in every window the end of a piece and the start of the next.
    # Sums that grow through a piece give both, without differences between large sums, which would lose digits.
    pieces = np.pad(values, (0, -len(values) % window)).reshape(-1, window)
    sums_from_start = pieces.cumsum(axis=1).ravel()
    sums_to_end = pieces[:, ::-1].cumsum(axis=1)[:, ::-1].ravel()
    starts = np.arange(len(values) - window + 1)
    following = np.where(starts % window, sums_from_start[starts + window - 1], 0.0)
    means: np.ndarray = (sums_to_end[starts] + following) / window
    return means


def _corrected_lowest(smooth: np.ndarray, error: float, window: int) -> float:
    """The lowest level: the lowest of k noisy values lies below it by about as much as the lowest of k normal ones."""
    lowest = float(smooth.min())
    rivals = np.count_nonzero(smooth <= lowest + 3 * error) / window
    return lowest + _SELECTION_SHARE * error * math.sqrt(2 * math.log(rivals)) if rivals > 1 else lowest


def _end_window(epochs: int, noise: float, level: float) -> int:
    """Over how many of the last epochs to average: few, or more where the noise asks for it and length allows."""
    least = 2 if epochs < 30 else 5
    # Limited before it is squared: a level next to zero would overflow.
    asked = min(noise / max(_END_PRECISION * abs(level), 1e-300), float(epochs)) ** 2 if noise else 0.0
    return min(max(least, math.ceil(min(asked, epochs))), max(2, epochs // 5), epochs)


def _onset(above: np.ndarray, lowest: int) -> int | None:
    """From which index on values stay above their best, to the end; one in five may fall back in between."""
    onset, fallen = None, 0
    for index in range(len(above) - 1, lowest, -1):
        fallen += not above[index]
        if fallen > (len(above) - index) / 5:
            break
        if above[index]:
            onset = index
    return onset
