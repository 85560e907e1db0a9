"""The command line: one file a command. Whatever is slow to import is imported by the command that needs it."""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from regulab.cli.apply import apply
from regulab.cli.compare import compare
from regulab.cli.console import echo
from regulab.cli.diagnose import diagnose
from regulab.cli.exit_codes import BAD_INPUT, INTERRUPTED
from regulab.cli.lab import lab
from regulab.cli.report import report
from regulab.cli.run import run
from regulab.cli.session import session_group
from regulab.errors import RegulabError
from regulab.printable import printable


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Print warnings without the line of code that they come from."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        echo(f"Warning: {' '.join(str(message).split())}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _give_up_output() -> None:
    """Drop what cannot be written to standard output, which Python would otherwise try again when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Group(click.Group):
    """Turns what regulab raises on purpose into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_in_one_line():
                return super().invoke(ctx)
        except click.UsageError as error:
            message = error.format_message()
            if message == printable(message):
                raise
            # A shell's wildcard may have put a file's name among the options.
            raise click.UsageError(printable(message), error.ctx) from None
        except RegulabError as error:
            echo(f"Error: {error}", err=True)
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt:
            echo("Stopped.", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends quietly where the reader of a pipe has left
            file = "" if error.filename is None else f": {error.filename}"
            _give_up_output()
            echo(f"Error: {error.strerror or error}{file}", err=True)
            ctx.exit(BAD_INPUT)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="regulab")
def cli() -> None:
    """Does your Keras model overfit, why, and which regularization really helps?"""


cli.add_command(run)
cli.add_command(apply)
cli.add_command(compare)
cli.add_command(diagnose)
cli.add_command(report)
cli.add_command(lab)
cli.add_command(session_group)


def main() -> None:
    """The console script."""
    # A minus sign or a rule that the output's encoding lacks, as on Windows and with LANG=C, is no reason to stop.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(cli(prog_name="regulab"))
