"""`regulab report`: a run on one page of HTML."""

from __future__ import annotations

import click

from regulab.cli.console import echo


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path())
@click.option("--out", type=click.Path(), help="File to write. [default: report.html in the run folder]")
def report(folder: str, out: str | None) -> None:
    """Write a run on one page of HTML: table, conclusion, figures, findings, and what was trained.

    The page opens in any browser, offline, and holds its figures, so it can be sent as one file. Every run writes
    one; this command writes it again. Needs no TensorFlow.
    """
    from regulab.cli.out import new_file
    from regulab.results import load

    target = None if out is None else new_file(out)
    echo(f"Saved the report to {load(folder).report(target)}.")
