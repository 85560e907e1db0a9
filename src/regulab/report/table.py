"""The table of a study's variants as texts, and the notes below it; whoever shows it lays it out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulab.comparison.paired import Comparison, Verdict
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.comparison.verdict_wording import interval_note, undetected_notes, verdict_cell, verdict_note
from regulab.comparison.wording import optimism_note
from regulab.diagnosis.number_format import decimals, least, written
from regulab.diagnosis.seed_agreement import disagreements
from regulab.histories.history import Histories

# More decimals than this show no claim that anyone would act on.
_MOST = 12


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        heading: Its heading, in two lines.
        cells: One for each variant.
        left: Whether it is aligned to the left.
    """

    heading: str
    cells: tuple[str, ...]
    left: bool = False


def table_title(study: Mapping[str, Any]) -> str:
    """What the table shows, as its title."""
    seeds, asked = len(study["seeds"]), study.get("interrupted_of")
    interrupted = "" if asked is None else f", interrupted after {study['epochs']} of {asked} epochs"
    return (
        f"{study['data']['title']}: loss without penalty, mean of {seeds} seed{'s' if seeds > 1 else ''}{interrupted}"
    )


def loss_decimals(summaries: Sequence[VariantSummary]) -> int:
    """With how many decimals to write a study's losses: as many as the first variant's best loss needs."""
    return decimals(summaries[0].val_loss_best)


def loss_columns(summaries: Sequence[VariantSummary], data: Mapping[str, Any], *, places: int) -> list[Column]:
    """The columns of sizes, best epochs and losses."""
    columns = [
        Column("\nparameters", tuple(f"{summary.parameters:,}" for summary in summaries)),
        Column(
            "best\nepoch",
            tuple("–" if summary.best_epoch is None else str(summary.best_epoch + 1) for summary in summaries),
        ),
        Column("validation\nat best", tuple(written(summary.val_loss_best, places) for summary in summaries)),
        Column("validation\nat end", tuple(written(summary.val_loss_last, places) for summary in summaries)),
    ]
    if data["test"] is not None and not data["validation_is_test"]:
        columns.append(Column("test\nat best", tuple(written(summary.test_loss_best, places) for summary in summaries)))
    return columns


def difference_columns(
    comparisons: Sequence[Comparison],
    names: Sequence[str],
    *,
    places: int,
    control: str = "baseline",
    disagreeing: Collection[str] = (),
) -> list[Column]:
    """The difference with its interval, and the verdict; a dash for what was not compared, such as the baseline.

    Args:
        comparisons: Those with the control.
        names: The variants, a line each.
        places: How many decimals losses are written with.
        control: What they were compared with.
        disagreeing: The variants whose seeds disagree, which stands beside the verdict.
    """
    by_variant = {comparison.variant: comparison for comparison in comparisons}
    compared = [by_variant.get(name) for name in names]
    differences = tuple("–" if comparison is None else difference(comparison, places) for comparison in compared)
    verdicts = tuple(
        ", ".join(
            [
                *([] if comparison is None else [verdict_cell(comparison, places)]),
                *(["seeds disagree"] if name in disagreeing else []),
            ]
        )
        for name, comparison in zip(names, compared, strict=True)
    )
    return [Column(f"difference from\n{control}", differences), Column("\nverdict", verdicts, left=True)]


def disagreeing(histories: Histories) -> frozenset[str]:
    """The variants whose seeds disagree."""
    return frozenset(variant.variant for variant in disagreements(histories) or ())


def difference(comparison: Comparison, places: int) -> str:
    """The difference ± half the width of its interval, if it has one, with so many decimals.

    With more of them where zero is outside of the interval and would not seem to be, or the interval to have no width.
    """
    mean, half_width = comparison.difference, comparison.high - comparison.difference
    if not math.isfinite(mean):
        return "–"
    if comparison.low * comparison.high > 0:
        # Rounding up the half width and down the mean has to leave something between them.
        while places < _MOST and not _shows(abs(mean), half_width, places):
            places += 1
    if not math.isfinite(half_width):
        return _signed(mean, places)
    return f"{_signed(mean, places)} ± {written(half_width, places)}"


def _shows(mean: float, half_width: float, places: int) -> bool:
    """Whether so many decimals show that a mean is further from zero than half the width, and that this is not zero."""
    # Widths that are zero but for rounding need no digits.
    wide = half_width >= least(places) or half_width <= 1e-6 * mean
    return mean >= least(places) and wide and round(mean, places) > round(half_width, places)


def _signed(mean: float, places: int) -> str:
    # A sign in front of zeros says nothing.
    sign = "" if abs(mean) < least(places) else "+" if mean > 0 else "−"
    return f"{sign}{written(abs(mean), places)}"


def table_notes(study: Mapping[str, Any], comparisons: Sequence[Comparison], *, places: int) -> list[str]:
    """Where the data is from, and how to read the columns."""
    source = str(study["data"]["source"])
    notes = [
        # A data set made by hand need not have one.
        *([source] if source else []),
        f"At best: each seed at its own best epoch. At end: after epoch {study['epochs']}.",
    ]
    if comparisons:
        first = comparisons[0]
        notes.append(interval_note(first.split, one_seed=first.verdict is Verdict.ONE_SEED))
        if first.verdict is not Verdict.ONE_SEED:
            notes += [verdict_note(len(comparisons)), *undetected_notes(comparisons, places)]
    return notes


def optimism_notes(recommendation: Recommendation, variants: int, *, places: int) -> list[str]:
    """By how much choosing one of several variants exaggerates its lead; nothing where none was chosen."""
    note = optimism_note(
        recommendation.variant,
        recommendation.difference,
        recommendation.optimism,
        variants=variants,
        places=places,
    )
    return [] if note is None else [note]
