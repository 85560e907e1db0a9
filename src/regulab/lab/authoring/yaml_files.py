"""YAML that remembers its lines, so that an author's mistake is reported where it was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from regulab.errors import InputError


class Table(dict[str, Any]):
    """A YAML mapping that knows the line of each key.

    Attributes:
        lines: Line of each key, 1-based.
        line: Line on which the mapping begins.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}
        self.line = 0


# libyaml's loader is ten times as fast, but not every build of PyYAML has it.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):
    """Creates only plain values, like `yaml.safe_load`; keys are text and unique.

    Attributes:
        before: How many lines of the file precede the text.
    """

    before = 0


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Table:
    table = Table()
    first = loader.before + 1
    table.line = node.start_mark.line + first
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + first
        if not isinstance(key, str):
            raise _FaultError(line, f"Expected text as a key. Received: {key!r}. Put it in quotes.")
        if key in table:
            raise _FaultError(line, f"Expected each key once. Received: '{key}' again. Remove one of the two.")
        try:
            table[key] = loader.construct_object(value_node, deep=True)
        except ValueError as error:
            # Something that looks like a date or a number but is none, such as 2024-02-30.
            raise _FaultError(
                line, f"Expected '{key}' as a value that YAML can read. Received: {error}. Put text in quotes."
            ) from None
        table.lines[key] = line
    return table


class _FaultError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def fault(file: Path | str, line: int, message: str) -> InputError:
    """The error for a mistake in a session's file. Its message starts with the file and the line.

    Example:
        >>> print(fault("session.yaml", 3, "Expected minutes above 0. Received: 0."))
        session.yaml, line 3: Expected minutes above 0. Received: 0.
    """
    return InputError(f"{file}, line {line}: {message}")


def read_text(path: Path, name: str) -> str:
    """The text of a session's file.

    Raises:
        InputError: If it is missing or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{name}: A session needs this file. Write it.") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: Expected UTF-8 text. Received: other bytes at position {error.start}. Save the file as UTF-8."
        ) from None
    except OSError as error:
        raise InputError(f"{name}: Expected a file to read. Received: {error.strerror}.") from None


def read_table(text: str, name: str, *, first_line: int = 1) -> Table:
    r"""Parse YAML whose outermost value is a mapping.

    Args:
        text: The YAML.
        name: File named in errors.
        first_line: Line of the file on which the text starts.

    Raises:
        InputError: If it is not YAML or not a mapping, or if it has a key twice, anchors or aliases.

    Example:
        >>> table = read_table("title: A session\nminutes: 5", "session.yaml")
        >>> table["minutes"], table.lines["minutes"]
        (5, 2)
    """
    before = first_line - 1
    try:
        _refuse_references(text, before)
        value = _load(text, before)
    except _FaultError as error:
        raise fault(name, error.line, str(error)) from None
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        problem = " ".join(str(error.problem).split())
        raise fault(name, line + before, f"Expected YAML. Received: text that is not ({problem}).") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise fault(name, first_line, f"Expected YAML. Received: text that is not ({error}).") from None
    if not isinstance(value, Table):
        raise fault(name, first_line, f"Expected keys with values. Received: {type(value).__name__}.")
    return value


def _refuse_references(text: str, before: int) -> None:
    """Refuse what no session needs: a few lines that refer to each other can stand for more than fits into memory."""
    for event in yaml.parse(text, Loader=_Safe):
        if getattr(event, "anchor", None) is not None:
            symbol = "*" if isinstance(event, yaml.AliasEvent) else "&"
            line = event.start_mark.line + before + 1
            raise _FaultError(
                line, f"Expected values without references. Received: {symbol}{event.anchor}. Write the value out."
            )


def _load(text: str, before: int) -> Any:
    loader = _Loader(text)
    loader.before = before
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def take(table: Table, key: str, kind: type | tuple[type, ...], name: str, *, default: Any = ...) -> Any:
    """One value of a table, checked.

    Args:
        table: Where to look.
        key: What to look for.
        kind: Type, or types, that the value may have.
        name: File named in errors.
        default: Taken where the key is missing; without one, the key has to be there.

    Raises:
        InputError: If the key is missing, or its value is of another type or empty text.
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)
    expected = " or ".join(_WORDS.get(kind, kind.__name__) for kind in kinds)
    if key not in table:
        if default is not ...:
            return default
        raise fault(name, table.line, f"The key '{key}' is missing. Add it, with {expected}.")
    value = table[key]
    stripped = value.strip() if isinstance(value, str) else value
    if type(value) not in kinds or stripped == "":
        raise fault(name, table.lines[key], f"Expected '{key}' as {expected}. Received: {value!r}.")
    return stripped


_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    list: "a list",
    Table: "keys with values",
}


def only(table: Table, known: tuple[str, ...], name: str) -> None:
    """Refuse keys that mean nothing; most of them are misspelled.

    Raises:
        InputError: If there is one.
    """
    for key, line in table.lines.items():
        if key not in known:
            raise fault(name, line, f"No key '{key}'. Available: {', '.join(known)}.")
