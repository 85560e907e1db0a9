"""`regulab compare`: run folders side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regulab.comparison.across_runs import Across, RunLosses
    from regulab.results import Results


@click.command()
@click.argument("folders", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def compare(folders: tuple[str, ...], as_json: bool) -> None:
    """Show the variants of several runs side by side, and compare each run with the first.

    Runs on the same examples are compared variant by variant, paired by the seeds that both have. Of runs on
    other data only the losses are shown, and why they cannot be compared. Needs no TensorFlow.
    """
    from regulab.comparison.across_runs import compare_runs
    from regulab.errors import InputError
    from regulab.histories.json_files import to_json
    from regulab.results import load

    places = [Path(folder).resolve() for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        if places.count(place) > 1:
            raise InputError(f"Expected each run once. Received: {folder} more than once.")
    runs = dict(zip(_names(folders), map(load, folders), strict=True))
    across = compare_runs([_losses(name, results) for name, results in runs.items()])
    if as_json:
        click.echo(to_json(_document(runs, folders, across)))
    else:
        _show(runs, across)


def _names(folders: Sequence[str]) -> list[str]:
    """The folders' own names where these tell them apart, else what was typed."""
    short = [Path(folder).resolve().name for folder in folders]
    return short if len(set(short)) == len(short) else list(folders)


def _losses(name: str, results: Results) -> RunLosses:
    from regulab.comparison.across_runs import RunLosses

    study, data = results.study, results.study["data"]
    losses: dict[str, dict[int, Any]] = {}
    for (variant, seed), entry in results.losses.items():
        losses.setdefault(variant, {})[seed] = getattr(entry, results.split)
    return RunLosses(
        name=name,
        title=str(data["title"]),
        fingerprint=str(data.get("fingerprint", "")),
        loss=str(study.get("loss", "")),
        split=results.split,
        labels={entry["name"]: str(entry.get("label", entry["name"])) for entry in study["variants"]},
        # In the order of the study, as everywhere.
        losses={variant: losses[variant] for variant in results.histories.variants},
    )


def _document(runs: dict[str, Results], folders: Sequence[str], across: Across) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "runs": [
            {
                "run": name,
                "folder": folder,
                "data": results.study["data"],
                "comparable": reason is None,
                "reason": reason,
                "summary": [asdict(line) for line in results.summary()],
                "recommendation": asdict(results.recommend()),
            }
            for (name, results), folder, reason in zip(runs.items(), folders, across.reasons, strict=True)
        ],
        "comparison": [
            {"run": name, **asdict(found), "verdict": str(found.verdict)}
            for name, part in zip(runs, across.comparisons, strict=True)
            for found in part
        ],
        "notes": list(across.notes),
    }


def _show(runs: dict[str, Results], across: Across) -> None:
    from regulab.cli.console import new_console
    from regulab.cli.table import print_table
    from regulab.report.table import differences_of, on_verdicts, places_of

    console = new_console()
    variants = list(dict.fromkeys(variant for results in runs.values() for variant in results.histories.variants))
    # Of the first run, which the others are held against.
    places = places_of(next(iter(runs.values())).summary())
    columns = [_column(name, results, variants, places) for name, results in runs.items()]
    print_table(console, variants, columns, title="Loss without penalty, each seed at its own best epoch (the median)")
    first = next(iter(runs))
    for name, part in zip(runs, across.comparisons, strict=True):
        if part:
            names = [found.variant for found in part]
            seeds = sorted({found.seeds for found in part})
            paired = f"{'–'.join(map(str, dict.fromkeys((seeds[0], seeds[-1]))))} paired seed{'s' * (seeds != [1])}"
            title = f"{name} against {first}: {part[0].split} data, {paired}"
            print_table(console, names, differences_of(part, names, places=places, control=first), title=title)
    for name, reason in zip(runs, across.reasons, strict=True):
        if reason is not None:
            console.print(f"{name} is not compared with {first}: {reason}.", soft_wrap=True)
    for note in across.notes:
        console.print(note, soft_wrap=True)
    compared = [found for part in across.comparisons for found in part]
    if compared:
        console.print("Difference: ± the reach of a 95% interval; below 0 is better.", style="italic", soft_wrap=True)
        if any(found.seeds > 1 for found in compared):
            console.print(on_verdicts(len(compared)), style="italic", soft_wrap=True)


def _column(name: str, results: Results, variants: Sequence[str], places: int) -> Any:
    from regulab.diagnosis.number_format import written
    from regulab.report.table import Column

    lines = {line.variant: line for line in results.summary()}
    cells = []
    for variant in variants:
        line = lines.get(variant)
        if line is None or line.best_epoch is None:
            cells.append("–")
        else:
            shown = line.test_loss_best if results.split == "test" else line.val_loss_best
            cells.append(f"{written(shown, places)} ({line.best_epoch + 1})")
    return Column(f"{name}\n{results.split}", tuple(cells))
