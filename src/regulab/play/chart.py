"""The curves of a playground: first what to draw, then the drawing as HTML with lines in SVG.

A notebook's theme colours it, since its colours are the theme's, and it fits any width without becoming smaller: only
the lines are stretched, and words are words of the page. Drawing takes a few milliseconds, and a small part of the
time of a Matplotlib figure (`benchmarks/playground.py`); it touches no state that the learner's own figures share, so
that a thread may do it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from regulab.diagnosis.number_format import decimals, written
from regulab.figures import style
from regulab.figures.axes import epoch_ticks, top_below_exploded
from regulab.figures.curves import curves
from regulab.figures.lines import Curve, Line
from regulab.histories.history import Histories
from regulab.play.runs import Run

#: How many runs are drawn, the latest ones: there are as many colours.
MOST = len(style.PALETTE)
_SIDE = 1000
_HEADS = ("Run", "Settings", "Lowest validation loss", "At the end")


@dataclass(frozen=True)
class Trace:
    """One run's curves.

    Attributes:
        number: The run's.
        label: What was set.
        state: Its state.
        colour: A CSS colour.
        epochs: How many epochs it has.
        curve: Training and validation loss without penalty, and the best epoch.
    """

    number: int
    label: str
    state: str
    colour: str
    epochs: int
    curve: Curve


@dataclass(frozen=True)
class Chart:
    """What `draw` draws.

    Attributes:
        traces: The runs, the latest last.
        left_out: How many earlier ones are not drawn.
        epochs: Where the horizontal axis ends.
        bottom: Where the vertical axis begins: at 0, or below a loss that is negative.
        top: Where the vertical axis ends, above its bottom.
        ticks: The values that the vertical axis names.
    """

    traces: tuple[Trace, ...]
    left_out: int
    epochs: int
    bottom: float
    top: float
    ticks: tuple[float, ...]


def chart(runs: Sequence[Run], *, epochs: int) -> Chart:
    """What to draw of some runs.

    Args:
        runs: The runs, the latest last.
        epochs: How many epochs the run will have, so that the axis does not move while a curve grows.
    """
    drawn = runs[-MOST:]
    traces = tuple(_trace(run) for run in drawn)
    highest = [trace.curve.highest for trace in traces if math.isfinite(trace.curve.highest)]
    lowest = [line.mean[point] for trace in traces for line in trace.curve.lines for point in line.points]
    bottom = 1.05 * min([0.0, *lowest])
    # As in all of regulab's figures: a run that explodes does not flatten the others.
    top = max(top_below_exploded(highest) or 1.05 * max(highest, default=1.0), 0.0)
    if top == bottom:
        top = 1.0
    ticks = tuple(_ticks(bottom, top))
    longest = max((run.history.epochs for run in drawn), default=1)
    return Chart(
        traces=traces,
        left_out=len(runs) - len(drawn),
        epochs=max(epochs, longest, 2),
        bottom=min(bottom, ticks[0]),
        top=max(top, ticks[-1]),
        ticks=ticks,
    )


def draw(record: Chart) -> str:
    """The chart as HTML; `table` has the figures of every run, as text for those who cannot see it."""
    marks = "".join(_text(record, value) for value in record.ticks)
    epochs = "".join(
        f'<span class="rlp-x" style="left:{_across(record, epoch) / 10:.2f}%">{epoch}</span>'
        for epoch in epoch_ticks(record.epochs)
    )
    grid = "".join(f'<path class="rlp-grid" d="M0 {_down(record, value):.1f}H{_SIDE}"/>' for value in record.ticks)
    last = len(record.traces) - 1
    lines = "".join(_lines(record, trace, ghost=index < last) for index, trace in enumerate(record.traces))
    return (
        '<div class="rlp-chart" role="img" aria-label="Loss without penalty against epochs; the table has the figures">'
        '<div class="rlp-title">Loss without penalty</div>'
        f'<div class="rlp-plot"><svg viewBox="0 0 {_SIDE} {_SIDE}" preserveAspectRatio="none" aria-hidden="true">'
        f"{grid}{lines}</svg>{marks}{epochs}</div>"
        '<div class="rlp-key">epoch · <b>solid</b> validation · <b>dotted</b> training, measured with dropout off '
        "· <b>dot</b> lowest validation loss</div></div>"
    )


def table(record: Chart) -> str:
    """The runs with their settings and losses, as HTML; it is the chart's legend."""
    rows = "".join(_row(trace, latest=trace is record.traces[-1]) for trace in reversed(record.traces))
    more = f"<caption>{record.left_out} earlier runs are not drawn.</caption>" if record.left_out else ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    return f'<table class="rlp-runs">{more}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _trace(run: Run) -> Trace:
    (curve,) = curves(Histories((run.history,))).curves
    colour_number = (run.number - 1) % MOST
    # The first of the palette is nearly black; on a dark page it has to be light.
    colour = style.PALETTE[colour_number] if colour_number else "var(--jp-ui-font-color1, #444444)"
    return Trace(run.number, run.settings.label, run.state, colour, run.history.epochs, curve)


def _lines(record: Chart, trace: Trace, *, ghost: bool) -> str:
    kind = "rlp-ghost" if ghost else "rlp-latest"
    curve = trace.curve
    parts = [
        f'<path class="{side}" d="{_path(record, line)}"/>'
        for side, line in (("rlp-training", curve.training), ("rlp-validation", curve.validation))
        if line is not None
    ]
    if curve.best_epoch is not None and curve.validation is not None:
        x, y = _across(record, curve.best_epoch + 1), _down(record, curve.validation.mean[curve.best_epoch])
        # A line without length has round ends that are not stretched: a dot.
        parts.append(f'<path class="rlp-best" d="M{x:.1f} {y:.1f}h0"/>')
    return f'<g class="{kind}" data-run="{trace.number}" style="stroke:{trace.colour}">{"".join(parts)}</g>'


def _path(record: Chart, line: Line) -> str:
    points = [f"{_across(record, point + 1):.1f} {_down(record, line.mean[point]):.1f}" for point in line.points]
    return f"M{'L'.join(points)}" if len(points) > 1 else f"M{points[0]}h0"


def _across(record: Chart, epoch: int) -> float:
    return _SIDE * (epoch - 1) / (record.epochs - 1)


def _down(record: Chart, value: float) -> float:
    return _SIDE * (record.top - min(value, record.top)) / (record.top - record.bottom)


def _text(record: Chart, value: float) -> str:
    return f'<span class="rlp-y" style="top:{_down(record, value) / 10:.2f}%">{value:g}</span>'


def _ticks(bottom: float, top: float) -> Iterator[float]:
    """From near the bottom to near the top, about four to six round values; 0 is one of them."""
    span = top - bottom
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if span / (size * power) <= 6)
    for number in range(math.ceil(bottom / step - 1e-9), math.floor(top / step + 1e-9) + 1):
        yield round(number * step, 12)


def _row(trace: Trace, *, latest: bool) -> str:
    curve = trace.curve
    lowest = end = "–"
    if curve.validation is not None and curve.best_epoch is not None:
        best = curve.validation.mean[curve.best_epoch]
        lowest = f"{written(best, decimals(best))} after epoch {curve.best_epoch + 1}"
        end = written(curve.validation.mean[curve.validation.points[-1]], decimals(best))
    ended = {"training": "epoch", "done": "after epoch", "stopped": "stopped after epoch"}[trace.state]
    swatch = f'<svg class="rlp-swatch" aria-hidden="true" style="stroke:{trace.colour}"><path d="M0 6H20"/></svg>'
    return (
        f'<tr class="{"rlp-now" if latest else "rlp-then"}"><th scope="row">{swatch}{trace.number}</th>'
        f"<td>{escape(trace.label)}</td><td>{lowest}</td><td>{end}, {ended} {trace.epochs}</td></tr>"
    )
