"""`regulab session`: list, preview, check and begin guided sessions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

NOT_AS_MEANT = 1


@click.group()
def session() -> None:
    """Read, check and write guided sessions."""


@session.command("list")
def list_sessions() -> None:
    """List the sessions that come with regulab."""
    from regulab.lab.authoring import loading

    for name in loading.names():
        found = loading.load(name)
        click.echo(f"{name}  {found.title}, {', '.join(found.extent)}")


@session.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--out", metavar="FILE.html", type=click.Path(), help="File to write. [default: NAME.html]")
def preview(name: str, out: str | None) -> None:
    """Write a session's instructions as one page, with hints and solutions folded away.

    The page needs no kernel, no TensorFlow and no network; none of the session's code is run.
    """
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.preview import page

    found = load(name)
    target = Path(f"{found.name}.html" if out is None else out)
    _write(target, page(found))
    click.echo(f"Wrote {target}: {', '.join(found.extent)}.")


@session.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--full", is_flag=True, help="Try it with the learner's data instead of the small data in 'try_with'.")
@click.option("--solutions", is_flag=True, help="Try starters and solutions only.")
@click.option("--trust", is_flag=True, help="Trust a session that is not regulab's own, as its files are now.")
def check(name: str, full: bool, solutions: bool, trust: bool) -> None:
    """Try every check of a session with its starter, its solution and the mistakes it has to name.

    This runs the session's code, so it asks whether you trust a session that is not regulab's own. Exits with 1 where
    a check does not say what its author means.
    """
    from regulab.cli.prompts import asker
    from regulab.cli.tf_import import import_tensorflow
    from regulab.errors import InputError
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.selftest import try_session
    from regulab.lab.server.trust import Trust, settle

    found = load(name)
    if not settle(found, Trust(), give=trust, ask=asker()):
        raise InputError(
            f"Expected a session that you trust: this runs its code. Received: {found.folder}, which you have not said "
            "you trust, or which has changed since. Read it, and then say so with --trust."
        )
    import_tensorflow()
    wrong = tried = 0
    try:
        for trial in try_session(
            found,
            values={} if full else None,
            mistakes=not solutions,
            told=lambda task: click.echo(task, err=True),
        ):
            tried += 1
            wrong += not trial.ok
            click.echo(f"  {'ok' if trial.ok else 'WRONG'}  {trial}")
    except RuntimeError as error:
        raise InputError(str(error)) from None
    click.echo(f"{tried - wrong} of {tried} as meant.")
    if wrong:
        sys.exit(NOT_AS_MEANT)


@session.command()
@click.argument("folder", type=click.Path())
def new(folder: str) -> None:
    """Begin a session: a folder with one small task that works, to write on from."""
    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.template import write
    from regulab.lab.server.trust import Trust

    target = Path(folder)
    write(target)
    # What was written just now is regulab's own.
    Trust().give(load(target))
    click.echo(f"Wrote {target}. Try it with: regulab session check {target}")


@session.command()
@click.argument("name", metavar="NAME-or-PATH", default="avoid-overfitting")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the work. [default: ~/regulab/NAME]",
)
@click.option("--out", metavar="FILE.html", type=click.Path(), help="File to write. [default: NAME-summary.html]")
def summary(name: str, folder: Path | None, out: str | None) -> None:
    """Write what you have to show for a session as one page: your plots, what each task showed, and what it took.

    It works from your notebook and your progress as they are saved, also while a lab is running.
    """
    import time

    from regulab.lab.authoring.loading import load
    from regulab.lab.authoring.notebooks import read_notebook
    from regulab.lab.learner.progress_file import ProgressFile
    from regulab.lab.learner.summary import summarize
    from regulab.lab.learner.summary_page import page
    from regulab.lab.user_dirs import work_folder

    found = load(name)
    place = work_folder(found.name) if folder is None else folder
    notebook = read_notebook(place / f"{found.name}.ipynb")
    progress = ProgressFile(place / ".regulab", found.name).load()
    document = page(summarize(found, progress, notebook), when=time.strftime("%Y-%m-%d %H:%M"))
    target = Path(f"{found.name}-summary.html" if out is None else out)
    _write(target, document)
    click.echo(f"Wrote {target}.")


@session.command()
@click.argument("folder", type=click.Path())
@click.option("--out", metavar="FILE.zip", type=click.Path(), help="File to write. [default: NAME.zip]")
def pack(folder: str, out: str | None) -> None:
    """Put a session into one .zip file, to hand out. `regulab lab FILE.zip` opens it."""
    from regulab.lab.authoring.archives import pack as write
    from regulab.lab.authoring.loading import load
    from regulab.lab.server.trust import short

    found = load(folder)
    target = Path(f"{found.name}.zip" if out is None else out)
    write(found, target)
    click.echo(f"Wrote {target}: {', '.join(found.extent)}, digest {short(found.digest)}.")


def _write(target: Path, document: str) -> None:
    from regulab.cli.out import writing

    with writing(target) as draft:
        draft.write_text(document, encoding="utf-8")
