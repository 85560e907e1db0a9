"""`regulab diagnose`: what training logs show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import click

from regulab.cli.console import echo, echo_json, new_console

if TYPE_CHECKING:
    from rich.console import Console

    from regulab.diagnosis.diagnosis import Diagnoses, Diagnosis


@click.command()
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--train-column", metavar="NAME", help="Column with the training loss. [default: found by its name, such as 'loss']"
)
@click.option(
    "--val-column",
    metavar="NAME",
    help="Column with the validation loss. [default: found by its name, such as 'val_loss']",
)
@click.option("--json", "as_json", is_flag=True, help="Print the diagnoses as one JSON document and nothing else.")
@click.option(
    "--fail-on",
    type=click.Choice(["info", "warning", "error"]),
    help="Exit with 1 when a finding has at least this severity. [default: findings do not change the exit code]",
)
@click.option(
    "--ignore", metavar="CODE,...", default="", help="Mute these findings, such as OVERCONFIDENT; the output says so."
)
@click.pass_context
def diagnose(
    context: click.Context,
    logs: tuple[str, ...],
    train_column: str | None,
    val_column: str | None,
    as_json: bool,
    fail_on: str | None,
    ignore: str,
) -> None:
    """Say what the curves in training logs show: overfitting, and what else went wrong.

    LOG is a CSV with a header (of Keras's CSVLogger, of Lightning, or your own), Keras's history as JSON, JSON with
    a record a line, a trainer_state.json of Hugging Face, a TensorBoard folder or a run folder. Nothing is trained,
    and TensorFlow is not needed.
    """
    from regulab.cli.exit_codes import BAD_INPUT, FOUND
    from regulab.diagnosis.diagnosis import Diagnoses
    from regulab.diagnosis.finding import SEVERITIES, Severity
    from regulab.diagnosis.logs import diagnose as diagnose_source
    from regulab.diagnosis.run_checks import known_codes
    from regulab.errors import RegulabError
    from regulab.printable import printable

    # Unknown codes are refused once, not for every log.
    muted = known_codes(ignore) if ignore else ()
    diagnosed: list[tuple[str, Diagnosis]] = []
    refused = False
    for log in logs:
        try:
            members = diagnose_source(log, train_column=train_column, val_column=val_column, ignore=muted).items
        except RegulabError as error:
            # The other logs are still worth reading.
            echo(f"Error: {error}", err=True)
            refused = True
            continue
        if len(logs) > 1:
            alone = len(members) == 1
            members = tuple(replace(member, name=_name(log, member.name, alone=alone)) for member in members)
        diagnosed += [(log, member) for member in members]
    diagnoses = Diagnoses(tuple(diagnosis for _, diagnosis in diagnosed))
    if as_json and diagnosed:
        entries = [{"log": printable(log), **diagnosis.document()} for log, diagnosis in diagnosed]
        echo_json({**diagnoses.document(), "diagnoses": entries})
    elif diagnosed:
        _print(diagnoses)
    if refused:
        context.exit(BAD_INPUT)
    worst = diagnoses.worst
    if (
        fail_on is not None
        and worst is not None
        and SEVERITIES.index(worst) >= SEVERITIES.index(cast(Severity, fail_on))
    ):
        context.exit(FOUND)


def _name(log: str, name: str, *, alone: bool) -> str:
    """Several logs are distinguished by their paths, as they were given."""
    from regulab.printable import printable

    return printable(log) if alone else f"{printable(log)}: {name}"


def _print(diagnoses: Diagnoses) -> None:
    console = new_console()
    for number, diagnosis in enumerate(diagnoses):
        if number:
            console.print()
        _print_one(console, diagnosis)


# Of the head of a paragraph and of its text, by what it is; states are bold throughout, and healthy is green.
_STYLES = {
    "error": ("bold red", ""),
    "warning": ("bold yellow", ""),
    "info": ("bold cyan", ""),
    "advice": ("", ""),
    "remark": ("dim italic", "dim"),
}


def _print_one(console: Console, diagnosis: Diagnosis) -> None:
    """Paragraphs, wrapped for people, in one line each for other programs."""
    from rich.padding import Padding
    from rich.text import Text

    from regulab.diagnosis.diagnosis import State

    styles: dict[str, tuple[str, str]] = {**_STYLES, **dict.fromkeys(State, ("bold", "bold"))}
    styles[State.HEALTHY] = ("bold", "bold green")
    for part in diagnosis.paragraphs():
        head, body = styles[part.kind]
        text = Text.assemble((part.head, head), (part.text, body))
        if console.is_terminal:
            console.print(Padding(text, (0, 0, 0, part.indent)))
        else:
            console.print(Text(" " * part.indent) + text, soft_wrap=True)
