"""`regulab report`: a run on one page of HTML."""

from __future__ import annotations

import click


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path())
@click.option("--out", type=click.Path(), help="File to write. [default: report.html in the run folder]")
def report(folder: str, out: str | None) -> None:
    """Write a run on one page of HTML: table, conclusion, figures, findings, and what was trained.

    The page opens in any browser, offline, and holds its figures, so it can be sent as one file. Every run writes
    it; this writes it anew. Needs no TensorFlow.
    """
    from pathlib import Path

    from regulab.errors import InputError
    from regulab.results import load

    if out is not None and Path(out).exists():
        raise InputError(f"Expected --out to be a new file. Received: {out}, which exists.")
    click.echo(f"Saved the report to {load(folder).report(out)}.")
