"""The rooms of regulab, what they import and what they may import.

Read from the import graph of `src/` and from import-linter's contracts in pyproject.toml.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import grimp

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
PACKAGE = "regulab"
#: The public face imports from most rooms, and the sessions are folders of text.
LEFT_OUT = frozenset({"__main__", "sessions"})


@dataclass(frozen=True)
class Rooms:
    """The rooms of the package and what they import.

    Attributes:
        modules: Number of modules in each room.
        imports: Number of import statements from one room into another, by (importer, imported).
    """

    modules: dict[str, int]
    imports: dict[tuple[str, str], int]

    def imported_by(self, room: str) -> list[str]:
        """The rooms that a room imports."""
        return sorted(imported for importer, imported in self.imports if importer == room)


@dataclass(frozen=True)
class Rule:
    """What one room may import, as a contract of pyproject.toml states it."""

    room: str
    sentence: str
    allowed: tuple[str, ...]


@lru_cache(maxsize=1)
def rooms() -> Rooms:
    """Read the import graph; imports in functions and for type checkers count."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    modules: Counter[str] = Counter()
    imports: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        room = _room(module)
        if room is None:
            continue
        modules[room] += 1
        for imported in map(_room, graph.find_modules_directly_imported_by(module)):
            if imported is not None and imported != room:
                imports[room, imported] += 1
    return Rooms(dict(modules), dict(imports))


def _room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] not in LEFT_OUT else None


def contracts() -> list[dict[str, Any]]:
    """The contracts of import-linter."""
    with PYPROJECT.open("rb") as file:
        return tomllib.load(file)["tool"]["importlinter"]["contracts"]


def floors() -> list[list[str]]:
    """The floors from top to bottom, each with its rooms."""
    layers = next(contract["layers"] for contract in contracts() if contract["type"] == "layers")
    return [[room.strip() for room in layer.split("|")] for layer in layers]


def rules() -> list[Rule]:
    """One rule for each room, from the top floor to the bottom."""
    by_room = {tuple(contract["source_modules"]): contract for contract in _forbidding()}
    room_rules = []
    for level, floor in enumerate(floors()):
        below = sorted(room for lower in floors()[level + 1 :] for room in lower)
        for room in floor:
            contract = by_room.get((f"{PACKAGE}.{room}",))
            forbidden = {name.removeprefix(f"{PACKAGE}.") for name in contract["forbidden_modules"]} if contract else ()
            sentence = contract["name"] if contract else "May import every room below it"
            room_rules.append(Rule(room, sentence, tuple(name for name in below if name not in forbidden)))
    return room_rules


def _forbidding() -> list[dict[str, Any]]:
    return [contract for contract in contracts() if contract["type"] == "forbidden"]


def further_contracts() -> list[str]:
    """The contracts that are not about one room as a whole, such as the lab's trust boundary."""
    whole = {(f"{PACKAGE}.{room}",) for floor in floors() for room in floor}
    return [
        contract["name"]
        for contract in contracts()
        if contract["type"] != "forbidden" or tuple(contract["source_modules"]) not in whole
    ]


def rules_table() -> str:
    """The rule of each room, in Markdown."""
    lines = ["| room | its rule | may import |", "|---|---|---|"]
    return "\n".join([*lines, *(_row(rule) for rule in rules())])


def _row(rule: Rule) -> str:
    return f"| `{rule.room}` | {rule.sentence} | {', '.join(rule.allowed) or 'nothing'} |"
