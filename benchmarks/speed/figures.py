"""The figures of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulab.figures import style
from regulab.figures.save import save
from speed.floor import floors
from speed.parts import growth, single
from speed.results import Spread, cases, contenders, of, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawn:
    """A figure that was written."""

    file: str
    title: str


def draw(measured: Mapping[str, Any], folder: Path) -> dict[str, Drawn]:
    """Write the figure of every part that has one and was measured."""
    folder.mkdir(exist_ok=True)
    figures = {}
    for name, function, title in (
        ("single", draw_single, "Seconds of one epoch by width, regulab beside its peers"),
        ("growth", draw_growth, "Time of one epoch against rows and against seeds"),
    ):
        if name in measured:
            held = measured[name]
            drawn = Drawn(f"performance-{name}.png", title)
            with style.context():
                save(function(held["records"], {**held["about"], "sizes": held["sizes"]}), folder / drawn.file)
            figures[name] = drawn
    return figures


def draw_single(records: list[dict[str, Any]], about: Mapping[str, Any]) -> Figure:
    """Seconds of an epoch, one panel a width, one line a contender, and the machine's floor."""
    shown = [name for name in reversed(single.ORDER) if name in contenders(records, cases(records)[0])]
    figure = style.new_figure(9.6, 0.9 + 0.5 * len(shown) + 0.9, shown=False)
    panels = figure.subplots(1, len(cases(records)), sharey=True, squeeze=False)[0]
    least = floors(records, about, cases(records))
    for ax, case in zip(panels, cases(records), strict=True):
        for index, name in enumerate(shown):
            seconds = spread(of(records, case, name))
            colour = style.PALETTE[1] if name == "regulab" else style.PALETTE[0]
            ax.hlines(index, seconds.low, seconds.high, color=colour, linewidth=2.5)
            ax.plot(seconds.middle, index, "o" if name == "regulab" else "s", color=colour, markersize=8)
            # On a patch of its own, since the floor's line may pass behind it.
            ax.annotate(
                f"{seconds.middle:.2g} s", (seconds.middle, index), (0, 10), textcoords="offset points", ha="center",
                va="bottom", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        every = [value for name in shown for value in of(records, case, name)]
        low, high = min(every), max(every)
        margin = 2.5
        # Where the machine's limits are far away they bound nothing.
        if least[case] > 0.2 * low:
            low, margin = min(low, least[case]), 4.0
            ax.axvline(least[case], color=style.PALETTE[2], linestyle="--")
            ax.annotate("floor ", (least[case], len(shown) - 0.45), color=style.PALETTE[2], ha="right")
        _log_seconds(ax, low / margin, high * 2.5)
        ax.set_ylim(-0.6, len(shown) - 0.1)
        ax.set_title(case)
        ax.set_xlabel("seconds, logarithmic")
    panels[0].set_yticks(range(len(shown)), shown)
    figure.suptitle(f"One epoch, training and validation, on {about['data']['name']}", x=0.01, ha="left")
    return figure


def _log_seconds(ax: Axes, low: float, high: float) -> None:
    """A logarithmic axis whose ticks are plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > 50 else (1.0, 3.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def draw_growth(records: list[dict[str, Any]], about: Mapping[str, Any]) -> Figure:
    """Time over the smallest size's, against rows and against seeds, beside growth in proportion."""
    figure = style.new_figure(9.6, 4.4, shown=False)
    left, right = figure.subplots(1, 2)
    _growth(left, growth.growth(records, growth.ROWS), "in proportion to the rows")
    _growth(right, growth.growth(records, growth.SEEDS), "one seed after the other")
    rows = about["sizes"]["rows"]
    left.set_xlabel(f"training reviews, in multiples of {rows:,}")
    left.set_ylabel("time of an epoch, smallest = 1")
    left.set_title("Rows")
    right.set_xlabel("seeds")
    right.set_title("Seeds")
    figure.suptitle("Four small models on synthetic reviews: what more rows and more seeds cost", x=0.01, ha="left")
    return figure


def _growth(ax: Axes, spreads: Mapping[int, Spread], words: str) -> None:
    sizes = list(spreads)
    linear = [size / sizes[0] for size in sizes]
    ax.plot(sizes, linear, linestyle=":", color=style.NEUTRAL, label=words)
    middles = [cost.middle for cost in spreads.values()]
    ranges = [
        [cost.middle - cost.low for cost in spreads.values()],
        [cost.high - cost.middle for cost in spreads.values()],
    ]
    ax.errorbar(sizes, middles, yerr=ranges, color=style.PALETTE[1], marker="o", capsize=3, label="regulab")
    ax.set_xticks(sizes)
    ax.set_xlim(0, 1.05 * sizes[-1])
    ax.set_ylim(0, 1.08 * max(*linear, *(cost.high for cost in spreads.values())))
    ax.legend(loc="upper left")
