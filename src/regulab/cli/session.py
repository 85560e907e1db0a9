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
    from regulab.lab import sessions

    for name in sessions.names():
        found = sessions.load(name)
        click.echo(f"{name}  {found.title}, {len(found.tasks)} tasks, {found.minutes} minutes")


@session.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--out", metavar="FILE.html", type=click.Path(), help="File to write. [default: NAME.html]")
def preview(name: str, out: str | None) -> None:
    """Write a session's instructions as one page, with hints and solutions folded away.

    The page needs no kernel, no TensorFlow and no network; none of the session's code is run.
    """
    from regulab.atomic import replacing
    from regulab.errors import InputError
    from regulab.lab.preview import page
    from regulab.lab.sessions import load

    found = load(name)
    target = Path(f"{found.name}.html" if out is None else out)
    try:
        with replacing(target) as draft:
            draft.write_text(page(found), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"Expected --out where a file can be written. Received: {target} ({error.strerror})."
        ) from None
    click.echo(f"Wrote {target}: {len(found.tasks)} tasks, {found.minutes} minutes.")


@session.command()
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--full", is_flag=True, help="Try it with the learner's data instead of the small data in 'try_with'.")
@click.option("--solutions", is_flag=True, help="Try starters and solutions only.")
def check(name: str, full: bool, solutions: bool) -> None:
    """Try every check of a session with its starter, its solution and the mistakes it has to name.

    This runs the session's code. Exits with 1 where a check does not say what its author means.
    """
    from regulab.cli.quiet import import_tensorflow
    from regulab.errors import InputError
    from regulab.lab.selftest import try_session
    from regulab.lab.sessions import load

    found = load(name)
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
    from regulab.lab.template import write

    target = Path(folder)
    write(target)
    click.echo(f"Wrote {target}. Try it with: regulab session check {target}")
