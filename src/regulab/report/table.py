"""The table of a study's variants as texts, and the notes below it; whoever shows it lays it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regulab.comparison.paired import Comparison, Verdict
from regulab.comparison.recommendation import Recommendation
from regulab.comparison.summary import VariantSummary
from regulab.diagnosis.number_format import decimals, least, rounded, written


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        heading: What stands above it, in two lines.
        cells: One a variant.
        left: Whether it is aligned to the left.
    """

    heading: str
    cells: tuple[str, ...]
    left: bool = False


def title(study: Mapping[str, Any]) -> str:
    """What the table is of."""
    seeds = len(study["seeds"])
    return f"{study['data']['title']}: loss without penalty, mean of {seeds} seed{'s' if seeds > 1 else ''}"


def places_of(lines: Sequence[VariantSummary]) -> int:
    """How many decimals the losses of a study are written with: as many as the first variant's best needs."""
    return decimals(lines[0].val_loss_best)


def losses_of(lines: Sequence[VariantSummary], data: Mapping[str, Any], *, places: int) -> list[Column]:
    """Sizes, best epochs and losses."""
    columns = [
        Column("\nparameters", tuple(f"{line.parameters:,}" for line in lines)),
        Column("best\nepoch", tuple("–" if line.best_epoch is None else str(line.best_epoch + 1) for line in lines)),
        Column("validation\nat best", tuple(written(line.val_loss_best, places) for line in lines)),
        Column("validation\nat end", tuple(written(line.val_loss_last, places) for line in lines)),
    ]
    if data["test"] is not None and not data["validation_is_test"]:
        columns.append(Column("test\nat best", tuple(written(line.test_loss_best, places) for line in lines)))
    return columns


def differences_of(
    comparisons: Sequence[Comparison], names: Sequence[str], *, places: int, control: str = "baseline"
) -> list[Column]:
    """The difference with its interval, and the verdict; a dash for what was not compared, such as the baseline."""
    found = {comparison.variant: comparison for comparison in comparisons}
    return [
        Column(
            f"difference from\n{control}",
            tuple(difference(found[name], places) if name in found else "–" for name in names),
        ),
        Column("\nverdict", tuple(verdict(found[name]) if name in found else "" for name in names), left=True),
    ]


def difference(found: Comparison, places: int) -> str:
    """The difference and how far its interval reaches, with so many decimals; more where it is no zero for sure."""
    if not math.isfinite(found.difference):
        return "–"
    while found.low * found.high > 0 and abs(found.difference) < least(places):
        places += 1
    # A sign in front of zeros says nothing.
    sign = "" if abs(found.difference) < least(places) else "+" if found.difference > 0 else "−"
    return f"{sign}{written(abs(found.difference), places)} ± {written(found.high - found.difference, places)}"


def verdict(found: Comparison) -> str:
    """The verdict in two words or three."""
    short = {Verdict.NO_DIFFERENCE: "not detectable", Verdict.ONE_SEED: "one seed"}
    return short.get(found.verdict, str(found.verdict))


def notes_of(study: Mapping[str, Any], comparisons: Sequence[Comparison]) -> list[str]:
    """Where the data is from, and how to read the columns."""
    source = str(study["data"]["source"])
    notes = [
        # A data set made by hand need not have one.
        *([source] if source else []),
        f"At best: each seed at its own best epoch. At end: after epoch {study['epochs']}.",
    ]
    if comparisons:
        first = comparisons[0]
        notes.append(
            f"Difference: on {first.split} data, each at best, ± the reach of a 95% interval; below 0 is better."
        )
        if first.verdict is not Verdict.ONE_SEED:
            notes.append(on_verdicts(len(comparisons)))
    return notes


def on_verdicts(comparisons: int) -> str:
    """What stands behind the verdicts."""
    several = "" if comparisons == 1 else f", corrected for {comparisons} comparisons"
    return f"Verdict{several}: where nothing differs, at most 5% of studies claim a difference."


def on_choice(recommended: Recommendation, variants: int, *, places: int) -> list[str]:
    """What it costs that one of several was chosen; nothing where none was."""
    if not math.isfinite(recommended.optimism):
        return []
    about = _about(recommended.optimism, places)
    if recommended.variant == "baseline":
        return [
            f"The baseline is chosen, so no lead is claimed. One chosen among {variants} on validation data would look "
            f"{about} larger than it is, on average."
        ]
    return [
        f"On validation data {recommended.variant} leads by {rounded(-recommended.difference, places)}; choosing among "
        f"{variants} on the same data flatters a lead over the baseline by {about} on average."
    ]


def _about(value: float, places: int) -> str:
    if value >= least(places):
        return f"about {written(value, places)}"
    return f"less than {written(10.0**-places, places)}"
