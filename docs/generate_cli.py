"""Write docs/cli.md from the commands themselves: `python docs/generate_cli.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from regulab.cli import cli

PAGE = Path(__file__).with_name("cli.md")
HEAD = """\
<!-- Written by docs/generate_cli.py; a test fails when it is stale. Change the help texts in src/regulab/cli/. -->

# Command line

`regulab --help` lists the commands, and `regulab COMMAND --help` the options of one command. `python -m regulab` does
the same where the command is not on the path. [Variants](variants.md) explains what you can write after `--variants`,
and [The run folder](run-folder.md) what a run leaves behind.

| exit code | means |
|---|---|
| 0 | done |
| 1 | `diagnose --fail-on`: a finding has at least this severity; `session check`: a check does not say what it should |
| 2 | bad usage or bad input: one message on standard error, nothing trained |
| 130 | stopped with Ctrl-C |

With `--json`, standard output holds one JSON document and nothing else; progress and notes go to standard error.
"""


def cli_page() -> str:
    """The page as it should be."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands())])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups first."""
    pending: list[tuple[str, click.Command]] = [("regulab", cli)]
    while pending:
        name, command = pending.pop(0)
        if isinstance(command, click.Group):
            pending = [(f"{name} {word}", part) for word, part in command.commands.items()] + pending
        else:
            yield name, command


def _section(name: str, command: click.Command) -> str:
    # As wide as it takes, so that the page does not depend on the terminal.
    context = click.Context(command, info_name=name, max_content_width=1000, terminal_width=1000)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    # Arguments stand in the usage line, and every command has --help.
    options = [option for option in command.params if isinstance(option, click.Option)]
    rows = [record for option in options if (record := option.get_help_record(context))]
    table = [f"| `{option}` | {_marked(text)} |" for option, text in rows]
    lines = [f"## {name}", "", "```text", usage, "```", "", _marked(command.help or ""), ""]
    return "\n".join([*lines, *(["| option | |", "|---|---|", *table, ""] if table else [])])


def _marked(text: str) -> str:
    """Help text as Markdown: paragraphs on one line each, options and quoted words as code."""
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    text = re.sub(r"(?<![\w`-])(--[a-z]+(?:-[a-z]+)*)", r"`\1`", text)
    text = re.sub(r"(?<!\w)'([^']+)'(?!\w)", r"`\1`", text)
    return text.replace("|", r"\|").replace("<", r"\<").replace(">", r"\>")


if __name__ == "__main__":
    PAGE.write_text(cli_page(), encoding="utf-8")
    click.echo(f"Wrote {PAGE}.")
