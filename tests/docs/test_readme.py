"""What README.md shows can be typed: its commands parse, its Python compiles, its names exist."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

import regulab as rl
from regulab.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What stands in the examples for objects of these classes.
OBJECTS = {"rl": rl, "study": rl.Study, "results": rl.Results}


def blocks(language: str, page: str = README) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def commands(page: str = README) -> list[str]:
    """What follows the prompts in console blocks; a backslash at a line's end goes on with the next line."""
    texts = [block.replace("\\\n", "") for block in blocks("console", page)]
    return [line[2:] for text in texts for line in text.splitlines() if line.startswith("$ ")]


def parse(line: str) -> None:
    """Let click parse a command with its options, without running it."""
    command: click.Command = cli
    words = shlex.split(line, comments=True)[1:]
    context = click.Context(cli, info_name="regulab")
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        assert command is not None
        context = click.Context(command, info_name=name, parent=context)
    command.parse_args(context, words)


def unknown_names(code: str) -> list[str]:
    """Attributes that the code takes of regulab and its objects and that do not exist."""
    commands = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            try:
                resolve(node)
            except AttributeError:
                commands.append(ast.unparse(node))
    return commands


def resolve(node: ast.expr) -> Any:
    """What an expression such as `rl.data.imdb` stands for, or None where nothing is known of it."""
    if isinstance(node, ast.Name):
        return OBJECTS.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolve(node.value)
        return None if owner is None else getattr(owner, node.attr)
    return None


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("regulab")])
def test_a_command_of_the_readme_parses(line: str) -> None:
    parse(line)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(click.UsageError):
        parse("regulab run --no-such-option")
    with pytest.raises(click.UsageError):
        parse("regulab no-such-command")


def test_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [shlex.split(line)[1] for line in commands() if line.startswith("make ")]
    assert targets
    assert [target for target in targets if f"\n{target}: " not in makefile] == []


@pytest.mark.parametrize("page", ["README.md", "docs/python.md", "docs/variants.md", "docs/models.md", "docs/data.md"])
def test_python_of_a_page_compiles_and_uses_names_that_exist(page: str) -> None:
    codes = blocks("python", (ROOT / page).read_text(encoding="utf-8"))
    assert codes
    for code in codes:
        compile(code, page, "exec")
        assert unknown_names(code) == []


def test_a_name_that_does_not_exist_is_noticed() -> None:
    code = "rl.no_such_name()\nresults.no_such_method()\nrl.data.no_such_data()\nresults.plot()"
    assert unknown_names(code) == ["rl.no_such_name", "results.no_such_method", "rl.data.no_such_data"]


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "docs").glob("*.md")))
def test_commands_of_the_docs_parse(page: str) -> None:
    for line in commands((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if line.startswith("regulab"):
            parse(line)


def test_files_that_the_readme_links_to_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README)
    assert len(links) > 5
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_readme_calls_the_bundled_reviews_synthetic_wherever_it_shows_them() -> None:
    (output,) = re.findall(r"<!-- output of `regulab run` -->\n(.*?)<!-- end of output -->", README, re.DOTALL)
    assert "reviews (synthetic)" in output
    assert "synthetic" in re.search(r"!\[(.*?)\]", README, re.DOTALL).group(1)
    for line in README.splitlines():
        if "rl.data.reviews()" in line:
            assert "synthetic" in line
