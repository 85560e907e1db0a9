"""Axes of figures: ticks, limits and logarithmic scales."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from regulab.figures.lines import Curve, Line
from regulab.figures.style import BASELINE
from regulab.histories.metrics import direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The axis of a loss starts at zero where its lines still fill this share of its height.
_MIN_FILLED = 1 / 3
# A variant explodes where it is this many times as high as usual.
_EXPLODED = 4


def epoch_ticks(epochs: int) -> list[int]:
    """Whole numbers to label an axis of 1-based epochs with, at most about ten.

    Example:
        >>> epoch_ticks(20)
        [1, 5, 10, 15, 20]
    """
    if epochs <= 10:
        return list(range(1, epochs + 1))
    step = next(s * 10**power for power in range(9) for s in (1, 2, 5) if epochs <= 6 * s * 10**power)
    return [1, *range(step, epochs + 1, step)]


def top_below_exploded(maxima: Sequence[float], *, usual: float = 0.0) -> float | None:
    """Where to end the axis of a loss when some variants explode, or None where none does.

    A variant explodes when its maximum is more than four times the median variant's; of two
    variants the lower one counts as the median.

    Args:
        maxima: The largest finite value of each variant.
        usual: A value that no explosion has caused, such as the baseline's before its best epoch. A variant
            that reaches up to four times as much does not explode either.

    Example:
        >>> top_below_exploded([0.75, 0.9, 1.0]) is None
        True
        >>> top_below_exploded([0.75, 0.9, 1.0, 5e6])
        1.1
        >>> top_below_exploded([0.1, 0.45], usual=0.4) is None
        True
    """
    if not maxima:
        return None
    usual = max(usual, statistics.median_low(maxima))
    calm = [maximum for maximum in maxima if maximum <= _EXPLODED * usual]
    return round(1.1 * max(calm), 12) if usual > 0 and len(calm) < len(maxima) else None


def finish_curve_axes(ax: Axes, curves: Sequence[Curve], measure: str, *, epochs: int, log: bool) -> dict[str, str]:
    """Set ticks and limits; return a remark on each variant that leaves the axis because it explodes."""
    ax.set_xticks(epoch_ticks(epochs))
    ax.set_xlim(1 - 0.02 * epochs, epochs + 0.02 * epochs)
    if log:
        use_log_scale(ax)
        return {}
    if direction(measure) != "lower":
        return {}
    # A variant that is far better must not drive the baseline off the axis, as if that had exploded.
    usual = max((curve.highest_until_best for curve in curves if curve.variant == BASELINE), default=0.0)
    top = top_below_exploded([curve.highest for curve in curves if curve.lines], usual=usual)
    limit_loss_axis(ax, [line for curve in curves for line in curve.lines], top)
    return {
        curve.variant: off_axis_remark(curve.variant, curve.highest)
        for curve in curves
        if top is not None and curve.highest > top
    }


def use_log_scale(ax: Axes) -> None:
    """Make the vertical axis logarithmic, its ticks written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def limit_loss_axis(ax: Axes, lines: Iterable[Line], top: float | None) -> None:
    """Set the limits of a loss's axis, with a margin on both sides.

    It starts at zero, unless that would squeeze the lines into less than a third of its height.

    Args:
        ax: The axes.
        lines: All lines on it.
        top: Values above it are left out; None to show all of them.
    """
    # The mean, too: where the seeds' range is left out, the line itself may not be.
    points = [(line.low[point], line.mean[point], line.high[point]) for line in lines for point in line.points]
    values = [value for point in points for value in point if top is None or value <= top]
    if not values:
        return
    low, high = min(values), max(values)
    if 0 <= low <= (1 - _MIN_FILLED) * high:
        low = 0.0
    # Of a flat line, rounding errors must not fill the axis.
    margin = max(0.05 * (high - low), 0.0001 * max(abs(low), abs(high))) or 1.0
    limits = [low - (margin if low else 0.4 * margin), high + margin]
    if not ax.get_autoscaley_on():
        # Set for what was drawn before, here or on axes that share them.
        limits += ax.get_ylim()
    ax.set_ylim(min(limits), max(limits))


def off_axis_remark(variant: str, maximum: float) -> str:
    """The remark on a variant that leaves the axis at the top."""
    return f"{variant} goes up to {maximum:.3g}"
