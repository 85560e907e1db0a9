"""docs/architecture.md names modules that exist, and its picture and rules come from the code."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import re
from itertools import combinations
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WALK = PAGE.partition("## From `regulab run` to the report")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def rooms() -> ModuleType:
    """The module that knows the rooms."""
    return _extension("rooms")


@pytest.fixture(scope="module")
def picture() -> ModuleType:
    """The module that draws them."""
    return _extension("rooms_picture")


def _extension(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs" / "extensions")
        return importlib.import_module(name)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(regulab\.[\w.]+)`", WALK))))
def test_each_step_of_the_walk_names_something_that_exists(name: str) -> None:
    names = name.split(".")
    depth = next(depth for depth in range(len(names), 0, -1) if _is_module(".".join(names[:depth])))
    owner = importlib.import_module(".".join(names[:depth]))
    for attribute in names[depth:]:
        owner = getattr(owner, attribute)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize(
    "path",
    sorted(
        {
            *re.findall(r"`((?:src|docs|tests)/[\w./]+)`", PAGE),
            *(f"src/regulab/{path}" for path in re.findall(r"`((?:training|lab)/[\w./]+)`", PAGE)),
        }
    ),
)
def test_each_file_that_the_page_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_page_describes_every_room(rooms: ModuleType) -> None:
    described = re.findall(r"`(\w+)(?:\.py)?`", " ".join(re.findall(r"^\| (.*?) \|", PAGE, re.MULTILINE)))
    assert set(rooms.rooms().modules) <= set(described)


def test_the_picture_shows_every_room_once_in_colours_of_the_theme(rooms: ModuleType, picture: ModuleType) -> None:
    names = [text.text for text in drawn(picture, "text") if text.get("class") == "rooms-name"]
    assert sorted(names) == sorted(rooms.rooms().modules)
    # The page's style sheet has the colours, for light and dark.
    assert "fill=" not in picture.svg()


def test_no_two_rooms_of_the_picture_overlap(picture: ModuleType) -> None:
    corners = [(float(box.get("x", "0")), float(box.get("y", "0"))) for box in drawn(picture, "rect")]
    for (x, y), (other_x, other_y) in combinations(corners, 2):
        assert abs(x - other_x) >= picture.BOX_WIDTH or abs(y - other_y) >= picture.BOX_HEIGHT


def drawn(picture: ModuleType, tag: str) -> list[ElementTree.Element]:
    """The picture's elements of one kind."""
    return list(ElementTree.fromstring(picture.svg()).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def test_every_room_has_a_rule_and_imports_only_what_the_rule_allows(rooms: ModuleType) -> None:
    rules = {rule.room: rule for rule in rooms.rules()}
    assert set(rules) == set(rooms.rooms().modules)
    for room, rule in rules.items():
        assert set(rooms.rooms().imported_by(room)) <= set(rule.allowed), room


def test_the_examples_of_the_picture_are_right(picture: ModuleType) -> None:
    assert doctest.testmod(picture) == (0, 2)
