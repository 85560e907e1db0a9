"""How figures look: colours that colour-blind readers can tell apart, sizes, fonts and grid."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 150
#: Inches of a figure with one axes.
SIZE = (8.6, 4.8)
BASELINE = "baseline"
INK = "#222222"
GREY = "#444444"
NEUTRAL = "#8c8c8c"

#: Colours after Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is faint on
#: white. The first belongs to the baseline, the others to the variants in the order of the study; the
#: first six stay apart in hue or lightness without red-green vision.
PALETTE = (GREY, "#0072B2", "#D55E00", "#56B4E9", "#CC79A7", "#E69F00", "#009E73", "#7A3E9D", "#8A7A00")
#: Markers go with the colours, so that no line is told apart by its colour alone.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h")

# How much of its colour a paler curve keeps.
_PALE = 0.42

RC: dict[str, Any] = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.size": 10.5,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    # Losses in a narrow band are written in full, not as a remainder beside an offset.
    "axes.formatter.useoffset": False,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 10,
    # A dollar sign in a variant's or a data set's name is a dollar sign.
    "text.parse_math": False,
}


def context() -> AbstractContextManager[None]:
    """The style for the length of a `with` block; the user's rcParams come back afterwards.

    Example:
        >>> with context():
        ...     pass
    """
    from matplotlib import style

    return style.context(["default", RC])


def places(variants: Iterable[str]) -> dict[str, int]:
    """Each variant's place in the palette: 0 for the baseline, then 1, 2, ... in the order given.

    Example:
        >>> places(["smaller", "baseline", "l2"])
        {'smaller': 1, 'baseline': 0, 'l2': 2}
    """
    others = [name for name in variants if name != BASELINE]
    return {name: 0 if name == BASELINE else others.index(name) + 1 for name in variants}


def colour(place: int) -> str:
    """The colour at a place; past the end it starts again after the baseline's.

    Example:
        >>> colour(0), colour(1) == colour(9)
        ('#444444', True)
    """
    return PALETTE[0] if place == 0 else PALETTE[1 + (place - 1) % (len(PALETTE) - 1)]


def marker(place: int) -> str:
    """The marker at a place; there are more markers than colours to repeat, so that pairs stay unique."""
    return MARKERS[place % len(MARKERS)]


def stroke(place: int, *, under: int = 0) -> dict[str, Any]:
    """How Matplotlib draws the curve at a place and marks its best epoch.

    Args:
        place: Its place in the palette.
        under: How many others lie on it: it is wider and paler then, so that all of them can be seen.

    Example:
        >>> stroke(0)["linewidth"], stroke(0, under=1)["linewidth"]
        (1.8, 3.6)
    """
    from matplotlib.colors import to_hex, to_rgb

    full = colour(place)
    red, green, blue = (1 - _PALE * (1 - part) for part in to_rgb(full))
    return {
        "color": to_hex((red, green, blue)) if under else full,
        "linewidth": RC["lines.linewidth"] + 1.8 * under,
        "marker": marker(place),
        "markersize": 9 + 3 * under,
        "markerfacecolor": full,
        "markeredgecolor": "white",
    }


def heading(what: str, title: str, remarks: Mapping[str, Iterable[str]] | None = None) -> str:
    r"""A figure's title: what it shows, below it the data set's title and remarks that apply.

    Args:
        what: What the figure shows.
        title: The data set's title, or an empty text.
        remarks: For each subject what belongs to it; a subject to which nothing belongs is left out.

    Example:
        >>> heading("Loss by epoch", "reviews (synthetic)")
        'Loss by epoch\nreviews (synthetic)'
        >>> heading("Loss by epoch", "", {"Above the axis": ["bigger", "deeper"]})
        'Loss by epoch\nAbove the axis: bigger, deeper'
    """
    found = {subject: ", ".join(items) for subject, items in (remarks or {}).items()}
    lines = [title, *(f"{subject}: {items}" for subject, items in found.items() if items)]
    return "\n".join([what, *(part for line in lines for part in textwrap.wrap(line, 80))])


def folded(text: str, width: int = 34) -> str:
    r"""A long name in several lines, so that it leaves room for what it stands beside.

    Example:
        >>> folded("l2+dropout against baseline")
        'l2+dropout against baseline'
        >>> folded("l2(0.001)+dropout(0.3)+label_smoothing(0.1) against baseline")
        'l2(0.001)+dropout(0.3)+label_smoot\nhing(0.1) against baseline'
    """
    return "\n".join(textwrap.wrap(text, width))


def ceiling(highest: Sequence[float], *, usual: float = 0.0) -> float | None:
    """Where to end the axis of a loss when some variants explode, or None where none does.

    A variant explodes when its highest value is more than four times the median variant's; of
    two variants the lower one counts as the median.

    Args:
        highest: The highest finite value of each variant.
        usual: A value that no explosion has brought about, such as the baseline's before its best epoch; up to
            four times as much is none either.

    Example:
        >>> ceiling([0.75, 0.9, 1.0]) is None
        True
        >>> ceiling([0.75, 0.9, 1.0, 5e6])
        1.1
        >>> ceiling([0.1, 0.45], usual=0.4) is None
        True
    """
    if not highest:
        return None
    usual = max(usual, statistics.median_low(highest))
    inside = [value for value in highest if value <= 4 * usual]
    return round(1.1 * max(inside), 12) if usual > 0 and len(inside) < len(highest) else None


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


def new_figure(width: float, height: float, *, shown: bool) -> Figure:
    """An empty figure, size in inches.

    Args:
        width: Width in inches.
        height: Height in inches.
        shown: Whether pyplot keeps it, so that a notebook shows it; otherwise it is only for saving.
    """
    if shown:
        from matplotlib import pyplot

        return pyplot.figure(figsize=(width, height), layout="constrained")
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes that were passed in, or the axes of a new figure that a notebook shows."""
    return new_figure(*SIZE, shown=True).add_subplot() if ax is None else ax


def say_empty(ax: Axes) -> None:
    """Say in axes why nothing is drawn there: a bare frame looks like an error of the drawing."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.text(0.5, 0.5, "No finite values", transform=ax.transAxes, ha="center", va="center", color=GREY)
