"""The table that a run ends with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulab.findings.rounding import decimals, least, rounded, written

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from regulab.findings.advice import Recommendation
    from regulab.findings.comparison import Comparison
    from regulab.results import Results


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        heading: What stands above it.
        cells: One a variant.
        left: Whether it is aligned to the left.
    """

    heading: str
    cells: tuple[str, ...]
    left: bool = False


def print_results(results: Results, *, console: Console | None = None) -> None:
    """Print the table of variants, the conclusion and where the run folder lies."""
    from regulab.cli.console import new_console

    console = console or new_console()
    seeds = len(results.histories.seeds)
    data = results.study["data"]
    compared = results.compare()
    recommended = results.recommend()
    names = results.histories.variants
    title = f"{data['title']}: loss without penalty, mean of {seeds} seed{'s' if seeds > 1 else ''}"
    places = places_of(results)
    losses, differences = _losses(results, places), differences_of(compared, names, places=places)
    bold = recommended.variant
    everything = [*losses, *(differences if compared else ())]
    wide = fits(console, names, everything)
    print_table(console, names, everything if wide else losses, title=title, bold=bold)
    if compared and not wide:
        print_table(console, names, differences, title="Against the baseline", bold=bold)
    notes = [
        data["source"],
        f"At best: each seed at its own best epoch. At end: after epoch {results.study['epochs']}.",
    ]
    for note in [*notes, *(_on_differences(compared) if compared else ())]:
        console.print(note, style="italic", soft_wrap=True)
    console.print()
    for finding in results.study_findings():
        console.print(f"{finding.code}: {finding.message} {finding.advice}", soft_wrap=True)
    for sentence in [*results.conclusion(), *_on_choice(recommended, len(names), places)]:
        console.print(sentence, soft_wrap=True)
    if results.folder is not None:
        console.print(f"Run folder: {results.folder} (figures in {results.folder / 'figures'})", soft_wrap=True)


def print_table(
    console: Console, names: Sequence[str], columns: Sequence[Column], *, title: str, bold: str | None = None
) -> None:
    """Print a table with one line a variant."""
    console.print(f"{title}\n", soft_wrap=True)
    console.print(_table(names, columns, bold=bold))
    console.print()


def fits(console: Console, names: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a table is not wider than the terminal."""
    from rich.measure import Measurement

    unlimited = console.options.update_width(10_000)
    return Measurement.get(console, unlimited, _table(names, columns)).maximum <= console.width


def _table(names: Sequence[str], columns: Sequence[Column], *, bold: str | None = None) -> Table:
    from rich import box
    from rich.table import Table

    # Without lines between columns and around, which cost two characters each.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("\nvariant", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="left" if column.left else "right", no_wrap=True)
    for row, name in enumerate(names):
        table.add_row(name, *(column.cells[row] for column in columns), style="bold" if name == bold else None)
    return table


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
    from regulab.findings.comparison import ONE_SEED, SAME

    return {SAME: "not detectable", ONE_SEED: "one seed"}.get(found.verdict, found.verdict)


def places_of(results: Results) -> int:
    """How many decimals the losses of a study are written with: as many as the first variant's best needs."""
    return decimals(results.summary()[0].val_loss_best)


def _losses(results: Results, places: int) -> list[Column]:
    data, lines = results.study["data"], results.summary()
    columns = [
        Column("\nparameters", tuple(f"{line.parameters:,}" for line in lines)),
        Column("best\nepoch", tuple("–" if line.best_epoch is None else str(line.best_epoch + 1) for line in lines)),
        Column("validation\nat best", tuple(written(line.val_loss_best, places) for line in lines)),
        Column("validation\nat end", tuple(written(line.val_loss_last, places) for line in lines)),
    ]
    if data["test"] is not None and not data["validation_is_test"]:
        columns.append(Column("test\nat best", tuple(written(line.test_loss_best, places) for line in lines)))
    return columns


def _on_differences(comparisons: Sequence[Comparison]) -> list[str]:
    from regulab.findings.comparison import ONE_SEED

    first = comparisons[0]
    notes = [f"Difference: on {first.split} data, each at best, ± the reach of a 95% interval; below 0 is better."]
    if first.verdict != ONE_SEED:
        notes.append(on_verdicts(len(comparisons)))
    return notes


def on_verdicts(comparisons: int) -> str:
    """What stands behind the verdicts."""
    several = "" if comparisons == 1 else f", corrected for {comparisons} comparisons"
    return f"Verdict{several}: where nothing differs, at most 5% of studies claim a difference."


def _on_choice(recommended: Recommendation, variants: int, places: int) -> list[str]:
    if not math.isfinite(recommended.optimism):
        return []
    flattered = f"flatters a lead over the baseline by {_about(recommended.optimism, places)} on average."
    if recommended.variant == "baseline":
        return [f"The choice fell on the baseline; choosing among {variants} on validation data {flattered}"]
    return [
        f"On validation data {recommended.variant} leads by {rounded(-recommended.difference, places)}; choosing among "
        f"{variants} on the same data {flattered}"
    ]


def _about(value: float, places: int) -> str:
    if value >= least(places):
        return f"about {written(value, places)}"
    return f"less than {written(10.0**-places, places)}"
