"""The capacity ladder: loss against model size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regulab.errors import InputError
from regulab.figures import style
from regulab.figures.axes import limit_loss_axis, off_axis_remark, top_below_exploded, use_log_scale
from regulab.figures.curve_drawing import draw_line
from regulab.figures.legends import band_entry, legend_on_the_right
from regulab.figures.lines import Line, line_over_seeds
from regulab.histories.history import Histories, History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours after Paul Tol's muted scheme, none of which stands for a variant in the other figures.
_BEST, _LAST = "#332288", "#CC6677"


@dataclass(frozen=True)
class Ladder:
    """What `draw_ladder` draws: one rung for each model size, the smallest first.

    Attributes:
        variants: Name of each rung.
        parameters: Parameter count of each rung.
        seeds: The largest number of seeds that a rung has.
        best_validation: Validation loss of each seed at its own best epoch.
        last_validation: Validation loss after the last epoch.
        last_training: Training loss after the last epoch.
    """

    variants: tuple[str, ...]
    parameters: tuple[int, ...]
    seeds: int
    best_validation: Line
    last_validation: Line
    last_training: Line

    @property
    def empty(self) -> bool:
        """Whether no rung has a finite loss."""
        return not any(line.points for line in (self.best_validation, self.last_validation, self.last_training))


def ladder(histories: Histories, parameters: Mapping[str, int], *, variants: Iterable[str]) -> Ladder:
    """Losses by model size, without penalty, mean and range over seeds.

    Args:
        histories: The study.
        parameters: Parameter count of each variant.
        variants: Those that differ only in capacity, the baseline among them.

    Raises:
        InputError: If a variant is unknown, has no parameter count or no penalty-free loss.

    Example:
        >>> from regulab.histories.history import History
        >>> losses = {"train_data_loss": (0.5, 0.1), "val_data_loss": (0.6, 0.7)}
        >>> study = Histories((History("bigger", 0, losses), History("baseline", 0, losses)))
        >>> ladder(study, {"baseline": 10, "bigger": 90}, variants=study.variants).variants
        ('baseline', 'bigger')
    """
    names = tuple(variants)
    uncounted = [name for name in names if name not in parameters]
    if uncounted:
        raise InputError(
            f"Expected a parameter count for each variant. Received none for: {', '.join(uncounted)}. "
            "Add them to `parameters`."
        )
    names = tuple(sorted(names, key=lambda name: parameters[name]))
    rungs = [histories.of(name) for name in names]
    for rung in rungs:
        for member in rung:
            _check(member)
    seeds = max((len(rung) for rung in rungs), default=0)
    table = np.full((3, seeds, len(rungs)), np.nan)
    for column, rung in enumerate(rungs):
        for row, member in enumerate(rung):
            table[:, row, column] = (
                member.at("val_data_loss", member.best_epoch),
                member.at("val_data_loss", -1),
                member.at("train_data_loss", -1),
            )
    best, last, training = (line_over_seeds(losses) for losses in table)
    return Ladder(names, tuple(int(parameters[name]) for name in names), seeds, best, last, training)


def _check(member: History) -> None:
    for measure in ("val_data_loss", "train_data_loss"):
        if measure not in member.measures:
            raise InputError(
                f"Expected the measure '{measure}' of variant '{member.variant}'. "
                f"Received: {', '.join(member.measures) or 'none'}. A study run by regulab records it."
            )


def draw_ladder(record: Ladder, *, ax: Axes | None = None, log: bool = False, title: str = "") -> Axes:
    """Draw losses against parameter counts.

    Args:
        record: What to draw.
        ax: Where to draw; a new figure by default.
        log: Whether the loss axis is logarithmic, too.
        title: What the models were trained on, shown below the heading.
    """
    from matplotlib.ticker import NullLocator

    series = (
        (record.last_validation, _LAST, "-", "s", "validation, last epoch"),
        (record.best_validation, _BEST, "-", "o", "validation, best epoch"),
        (record.last_training, style.GREY, ":", "^", "training, last epoch"),
    )
    with style.context():
        ax = style.axes_or_new(ax)
        for line, colour, dashes, marker, label in series:
            draw_line(
                ax, record.parameters, line, colour=colour, linestyle=dashes, marker=marker, markersize=7, label=label
            )
        ax.set_xscale("log")
        ax.margins(x=0.12)
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticks(record.parameters, _tick_labels(record))
        off_axis: list[str] = []
        if record.empty:
            style.show_no_values(ax)
        elif log:
            use_log_scale(ax)
        else:
            off_axis = _limit_loss_axis(ax, record)
        finite = record.last_validation.points
        not_finite = [name for rung, name in enumerate(record.variants) if rung not in finite]
        remarks = {"Above the axis": off_axis, "Not a number at the last epoch": not_finite}
        ax.set_title(style.figure_title("Validation loss by model size", title, remarks))
        ax.set_xlabel("Parameters (log scale)")
        ax.set_ylabel("Loss without penalty" + (" (log scale)" if log else ""))
        entries = ax.get_legend_handles_labels()[0]
        legend_on_the_right(ax, [*entries, *([band_entry(record.seeds)] if record.seeds > 1 else [])])
    return ax


def _limit_loss_axis(ax: Axes, record: Ladder) -> list[str]:
    """Set the limits of the loss axis; return remarks on the rungs above it."""
    lines = (record.best_validation, record.last_validation, record.last_training)
    highest = {
        name: max((line.mean[rung] for line in lines if rung in line.points), default=0.0)
        for rung, name in enumerate(record.variants)
    }
    best = dict(zip(record.variants, record.best_validation.mean, strict=True)).get(style.BASELINE, 0.0)
    # A size that is far better must not drive the baseline off the axis, as if that had exploded.
    top = top_below_exploded(list(highest.values()), usual=best if math.isfinite(best) else 0.0)
    limit_loss_axis(ax, lines, top)
    return [off_axis_remark(name, value) for name, value in highest.items() if top is not None and value > top]


def _tick_labels(record: Ladder) -> list[str]:
    # Labels of rungs that are close together would overlap: each goes below the last one near it.
    positions = np.log10(np.maximum(record.parameters, 1))
    min_distance = 0.16 * max(float(positions[-1] - positions[0]), 1e-9) if len(positions) else 0.0
    labels: list[str] = []
    last_in_row: list[float] = []
    for name, count, position in zip(record.variants, record.parameters, positions, strict=True):
        free = (row for row, last in enumerate(last_in_row) if position - last > min_distance)
        row = next(free, len(last_in_row))
        last_in_row[row : row + 1] = [float(position)]
        labels.append("\n\n" * row + f"{name}\n{count:,}")
    return labels
