"""`regulab lab`: a guided session in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from regulab.cli.console import echo


@click.command()
@click.argument("session", default="avoid-overfitting")
@click.option("--lab", "in_lab", is_flag=True, help="Show it in JupyterLab instead of Jupyter Notebook.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8888,
    show_default=True,
    help="Port to try first. If it is busy, the next free one is used; 0 means any.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to work in. [default: ~/regulab/SESSION]",
)
@click.option("--trust", is_flag=True, help="Say that you trust this session, as its files are now.")
@click.option(
    "--assistant-url",
    metavar="URL",
    help="Base URL of an OpenAI-compatible language model that you can ask for hints, such as "
    "http://localhost:11434/v1. Its key is read from the environment variable REGULAB_ASSISTANT_KEY. [default: none]",
)
@click.option("--assistant-model", metavar="NAME", help="Name of the model at --assistant-url.")
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
    """Learn hands-on: a guided session alongside a Jupyter notebook, in your browser.

    SESSION is the name of a session that comes with regulab, or the folder or .zip file of another one, whose checks
    run once you have said that you trust it. Your notebook and your progress stay in the folder: start the lab again
    to continue where you left off. The server listens on this machine only.
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
        say=echo,
    )
