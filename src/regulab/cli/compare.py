"""`regulab compare`: run folders side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from regulab.cli.console import echo_json, new_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regulab.report.table import Column
    from regulab.run_comparison import ComparedRun, RunComparison


@click.command()
@click.argument("folders", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def compare(folders: tuple[str, ...], as_json: bool) -> None:
    """Show the variants of several runs side by side, and compare each run with the first.

    Runs on the same examples are compared variant by variant, paired by the seeds that both have. For runs on
    other data, only the losses are shown, and why they cannot be compared. Needs no TensorFlow.
    """
    from regulab.run_comparison import compare_runs

    comparison = compare_runs(folders)
    if as_json:
        echo_json(comparison.document())
    else:
        _show(comparison)


def _show(comparison: RunComparison) -> None:
    from regulab.cli.table import print_table
    from regulab.comparison.verdict_wording import undetected_notes, verdict_note
    from regulab.printable import printable
    from regulab.report.table import loss_decimals

    console, runs = new_console(), comparison.runs
    variants = list(dict.fromkeys(variant for run in runs for variant in run.results.histories.variants))
    # Of the first run, which the others are compared with.
    places = loss_decimals(runs[0].results.summary())
    columns = [_losses(run, variants, places) for run in runs]
    print_table(console, variants, columns, title="Loss without penalty, each seed at its own best epoch (the median)")
    for run in runs:
        if run.comparisons:
            title, names, differences = _differences(run, runs[0].name, places)
            print_table(console, names, differences, title=title)
    for run in runs:
        if run.reason is not None:
            console.print(printable(f"{run.name} is not compared with {runs[0].name}: {run.reason}."), soft_wrap=True)
    for note in comparison.notes:
        console.print(printable(note), soft_wrap=True)
    compared = comparison.comparisons
    if compared:
        note = "Difference: ± half the width of the 95% interval, which one seed does not have; below 0 is better."
        console.print(note, style="italic", soft_wrap=True)
        if any(variant.seeds > 1 for variant in compared):
            for sentence in (verdict_note(len(compared)), *undetected_notes(compared, places)):
                console.print(printable(sentence), style="italic", soft_wrap=True)


def _differences(run: ComparedRun, first: str, places: int) -> tuple[str, list[str], list[Column]]:
    """A table of the differences from the first run: title, variants and columns."""
    from regulab.report.table import difference_columns

    names = [comparison.variant for comparison in run.comparisons]
    seeds = sorted({comparison.seeds for comparison in run.comparisons})
    paired = f"{'–'.join(map(str, dict.fromkeys((seeds[0], seeds[-1]))))} paired seed{'s' * (seeds != [1])}"
    title = f"{run.name} against {first}: {run.comparisons[0].split} data, {paired}"
    return title, names, difference_columns(run.comparisons, names, places=places, control=first)


def _losses(run: ComparedRun, variants: Sequence[str], places: int) -> Column:
    """A run's column: each variant's loss at its best epoch, with that epoch."""
    from regulab.diagnosis.number_format import written
    from regulab.printable import printable
    from regulab.report.table import Column

    lines, split = {line.variant: line for line in run.results.summary()}, run.results.split
    cells = []
    for variant in variants:
        line = lines.get(variant)
        if line is None or line.best_epoch is None:
            cells.append("–")
        else:
            loss = line.test_loss_best if split == "test" else line.val_loss_best
            cells.append(f"{written(loss, places)} ({line.best_epoch + 1})")
    return Column(f"{printable(run.name)}\n{split}", tuple(cells))
