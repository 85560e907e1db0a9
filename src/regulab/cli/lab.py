"""`regulab lab`: a guided session in the browser."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("session", default="avoid-overfitting")
@click.option("--lab", "in_lab", is_flag=True, help="Show it in JupyterLab instead of Jupyter Notebook.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8888,
    show_default=True,
    help="Port to try first; another is taken if it is busy, and any with 0.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to work in. [default: ~/regulab/SESSION]",
)
@click.option("--trust", is_flag=True, help="Trust a session that is not regulab's own, as its files are now.")
def lab(session: str, in_lab: bool, port: int, no_browser: bool, folder: Path | None, trust: bool) -> None:
    """Learn hands-on: a guided session beside a Jupyter notebook, in your browser.

    SESSION is the name of a session that comes with regulab, or another one's folder or .zip file; the checks of
    another one run once you have said that you trust it. Your notebook and your progress stay in the folder; start it
    again to go on where you were. It listens on this machine only.
    """
    from regulab.cli.asking import asker
    from regulab.lab.launch import launch

    launch(
        session,
        folder=folder,
        lab=in_lab,
        port=port,
        browser=not no_browser,
        trust=trust,
        ask=asker(),
        say=click.echo,
    )
