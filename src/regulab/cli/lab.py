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
@click.option(
    "--assistant-url",
    metavar="URL",
    help="Base address of an OpenAI-compatible language model that may be asked for hints, such as "
    "http://localhost:11434/v1. A key is read from the environment variable REGULAB_ASSISTANT_KEY. [default: none]",
)
@click.option("--assistant-model", metavar="NAME", help="The model to ask at --assistant-url.")
def lab(
    session: str,
    in_lab: bool,
    port: int,
    no_browser: bool,
    folder: Path | None,
    trust: bool,
    assistant_url: str | None,
    assistant_model: str | None,
) -> None:
    """Learn hands-on: a guided session beside a Jupyter notebook, in your browser.

    SESSION is the name of a session that comes with regulab, or another one's folder or .zip file; the checks of
    another one run once you have said that you trust it. Your notebook and your progress stay in the folder; start it
    again to go on where you were. It listens on this machine only.
    """
    from regulab.cli.prompts import asker
    from regulab.errors import InputError
    from regulab.lab.guide.assistant import Assistant
    from regulab.lab.server.launch import launch

    if assistant_model and not assistant_url:
        raise InputError(f"Expected --assistant-url with --assistant-model. Received: {assistant_model} alone.")
    assistant = Assistant(assistant_url, assistant_model or "") if assistant_url else None
    launch(
        session,
        folder=folder,
        lab=in_lab,
        port=port,
        browser=not no_browser,
        trust=trust,
        ask=asker(),
        assistant=assistant,
        say=click.echo,
    )
