"""The table that a run ends with, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from regulab.printable import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from regulab.report.table import Column
    from regulab.results import Results


def print_results(results: Results, *, console: Console | None = None) -> None:
    """Print the table of variants, the conclusion and where the run folder lies."""
    from regulab.cli.console import new_console
    from regulab.histories.run_folder import RunFolder
    from regulab.report.table import (
        difference_columns,
        disagreeing,
        loss_columns,
        loss_decimals,
        optimism_notes,
        table_notes,
        table_title,
    )

    console = console or new_console()
    lines, compared, recommended = results.summary(), results.compare(), results.recommend()
    names, decimals = results.histories.variants, loss_decimals(lines)
    losses = loss_columns(lines, results.study["data"], places=decimals)
    differences = difference_columns(compared, names, places=decimals, disagreeing=disagreeing(results.histories))
    bold = recommended.variant
    everything = [*losses, *(differences if compared else ())]
    wide = fits(console, names, everything)
    print_table(console, names, everything if wide else losses, title=table_title(results.study), bold=bold)
    if compared and not wide:
        print_table(console, names, differences, title="Against the baseline", bold=bold)
    for note in table_notes(results.study, compared, places=decimals):
        console.print(printable(note), style="italic", soft_wrap=True)
    console.print()
    for finding in results.study_findings():
        console.print(printable(f"{finding.code}: {finding.message} {finding.advice}"), soft_wrap=True)
    for sentence in [*results.conclusion(), *optimism_notes(recommended, len(names), places=decimals)]:
        console.print(printable(sentence), soft_wrap=True)
    if results.folder is not None:
        report = RunFolder(results.folder).report_file
        console.print(f"Run folder: {results.folder} (open {report})", soft_wrap=True)


def print_table(
    console: Console, names: Sequence[str], columns: Sequence[Column], *, title: str, bold: str | None = None
) -> None:
    """Print a table with one line a variant."""
    console.print(f"{printable(title)}\n", soft_wrap=True)
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
        table.add_row(
            printable(name), *(column.cells[row] for column in columns), style="bold" if name == bold else None
        )
    return table
