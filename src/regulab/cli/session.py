"""`regulab session`: list, preview, check, write and pack guided sessions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from regulab.cli.console import echo

#: The exit code where a check does not say what its author means.
NOT_AS_MEANT = 1


@click.group("session")
def session_group() -> None:
    """Read, check and write guided sessions."""


@session_group.command("list")
def list_sessions() -> None:
    """List the sessions that come with regulab."""
    from regulab.lab.authoring import loading

    for name in loading.names():
        session = loading.load(name)
        echo(f"{name}  {session.title}, {', '.join(session.extent)}")


@session_group.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--out", metavar="FILE.html", type=click.Path(), help="File to write. [default: NAME.html]")
def preview(name: str, out: str | None) -> None:
    """Write a session's instructions as one page.

    Hints and solutions are folded away. The page needs no kernel, no TensorFlow and no network, and none of the
    session's code is run.
    """
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.preview import page

    session = load(name)
    target = Path(f"{session.name}.html" if out is None else out)
    _write(target, page(session))
    echo(f"Wrote {target}: {', '.join(session.extent)}.")


@session_group.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--full", is_flag=True, help="Use the learner's data, not the small data in 'try_with'.")
@click.option("--solutions", is_flag=True, help="Try only starters and solutions.")
@click.option("--trust", is_flag=True, help="Trust this session, as its files are now.")
def check(name: str, full: bool, solutions: bool, trust: bool) -> None:
    """Try a session's checks with starters, solutions and typical mistakes.

    This runs the session's code, so it asks whether you trust a session that is not regulab's own. The exit code is 1
    if a check does not say what its author means.
    """
    from regulab.cli.prompts import asker
    from regulab.cli.tf_import import import_tensorflow
    from regulab.errors import InputError
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.selftest import try_session
    from regulab.lab.server.trust import Trust, settle

    session = load(name)
    if not settle(session, Trust(), give=trust, ask=asker()):
        raise InputError(
            f"Expected a session that you trust: this runs its code. Received: {session.folder}, which you have "
            "not said you trust, or which has changed since. Read it, and then say so with --trust."
        )
    import_tensorflow()
    wrong = tried = 0
    try:
        for trial in try_session(
            session,
            values={} if full else None,
            mistakes=not solutions,
            on_check=lambda task: echo(task, err=True),
        ):
            tried += 1
            wrong += not trial.ok
            echo(f"  {'ok' if trial.ok else 'WRONG'}  {trial}")
    except RuntimeError as error:
        raise InputError(str(error)) from None
    echo(f"{tried - wrong} of {tried} as meant.")
    if wrong:
        sys.exit(NOT_AS_MEANT)


@session_group.command()
@click.argument("folder", type=click.Path())
def new(folder: str) -> None:
    """Write a small working session to start your own from."""
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.template import write
    from regulab.lab.server.trust import Trust

    target = Path(folder)
    write(target)
    # What has just been written is regulab's own.
    Trust().give(load(target))
    echo(f"Wrote {target}. Try it with: regulab session check {target}")


@session_group.command()
@click.argument("name", metavar="NAME-or-PATH", default="avoid-overfitting")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of your work. [default: ~/regulab/NAME]",
)
@click.option("--out", metavar="FILE.html", type=click.Path(), help="File to write. [default: NAME-summary.html]")
def summary(name: str, folder: Path | None, out: str | None) -> None:
    """Write a summary of your work on a session as one page.

    It has your plots, what each task showed, and how long it took. It reads your notebook and your progress as they are
    saved, and also works while a lab is running.
    """
    import time

    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.notebooks import read_notebook
    from regulab.lab.learner.progress_file import ProgressFile
    from regulab.lab.learner.summary import summarize
    from regulab.lab.learner.summary_page import page
    from regulab.lab.user_dirs import work_folder

    session = load(name)
    work = work_folder(session.name) if folder is None else folder
    notebook = read_notebook(work / f"{session.name}.ipynb")
    progress = ProgressFile(work / ".regulab", session.name).load()
    document = page(summarize(session, progress, notebook), when=time.strftime("%Y-%m-%d %H:%M"))
    target = Path(f"{session.name}-summary.html" if out is None else out)
    _write(target, document)
    echo(f"Wrote {target}.")


@session_group.command()
@click.argument("folder", type=click.Path())
@click.option("--out", metavar="FILE.zip", type=click.Path(), help="File to write. [default: NAME.zip]")
def pack(folder: str, out: str | None) -> None:
    """Pack a session into one .zip file to hand out.

    `regulab lab FILE.zip` opens it.
    """
    from regulab.lab.authoring.archives import pack as write
    from regulab.lab.authoring.loading import load
    from regulab.lab.server.trust import short

    session = load(folder)
    target = Path(f"{session.name}.zip" if out is None else out)
    write(session, target)
    echo(f"Wrote {target}: {', '.join(session.extent)}, digest {short(session.digest)}.")


def _write(target: Path, document: str) -> None:
    from regulab.cli.out import writing

    with writing(target) as draft:
        draft.write_text(document, encoding="utf-8")
