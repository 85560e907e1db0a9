"""The schema of `study.json`: what each of its values is, and which of them the answers cannot do without.

Checked once, when a run folder is opened, so that nothing that reads a study has to check again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories.json_files import Document
from regulab.printable import printable

# Larger counts of examples, weights or epochs do not come from a training.
_LARGEST = 2**63


@dataclass(frozen=True)
class _Kind:
    """What a value has to be, in words and as a test."""

    name: str
    holds: Callable[[Any], bool]

    def or_null(self) -> _Kind:
        return _Kind(f"{self.name} or null", lambda value: value is None or self.holds(value))


def _mapping_of(kind: _Kind) -> _Kind:
    """An object whose values are all of a kind."""
    return _Kind(
        f"an object whose values are each {kind.name}",
        lambda value: isinstance(value, Mapping) and all(map(kind.holds, value.values())),
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _is_weight(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < _LARGEST and math.isfinite(value)


_TEXT = _Kind("text", lambda value: isinstance(value, str))
_NAME = _Kind("text that is not empty", lambda value: isinstance(value, str) and value != "")
_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_COUNT = _Kind("a whole number from 0 on", _is_count)
_EPOCHS = _Kind("a whole number from 1 on", lambda value: _is_count(value) and value > 0)
_OBJECT = _Kind("an object", lambda value: isinstance(value, Mapping))
_OBJECTS = _Kind(
    "a list of objects", lambda value: isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)
)
_SEEDS = _Kind(
    "a list of different whole numbers from 0 on",
    lambda value: isinstance(value, list) and all(map(_is_count, value)) and len(set(value)) == len(value),
)

_STUDY: Mapping[str, _Kind] = {
    "data": _OBJECT,
    "variants": _OBJECTS,
    "seeds": _SEEDS,
    "loss": _TEXT,
    "epochs": _EPOCHS,
    "batch_size": _COUNT.or_null(),
    "class_weight": _mapping_of(_Kind("a number from 0 on", _is_weight)).or_null(),
    "shuffle_seed": _COUNT,
    "versions": _mapping_of(_TEXT),
}
_DATA: Mapping[str, _Kind] = {
    "name": _TEXT,
    "title": _TEXT,
    "source": _TEXT,
    "train": _COUNT.or_null(),
    "validation": _COUNT.or_null(),
    "test": _COUNT.or_null(),
    "synthetic": _FLAG,
    "validation_is_test": _FLAG,
    "fingerprint": _TEXT,
    "duplicates": _mapping_of(_COUNT),
}
_VARIANT: Mapping[str, _Kind] = {
    "name": _NAME,
    "label": _TEXT,
    "description": _TEXT,
    "parameters": _COUNT,
    "capacity": _FLAG,
    "fingerprints": _mapping_of(_TEXT),
}
# Without these there are no answers; what early versions did not write down is not among them.
_NEEDED = ("data", "variants", "seeds", "epochs")
_NEEDED_OF_DATA = ("title", "source", "test", "validation_is_test")
_NEEDED_OF_VARIANT = ("parameters", "capacity")


@dataclass(frozen=True)
class StudyMembers:
    """What a complete run of a study consists of.

    Attributes:
        members: Every variant with every seed.
        sizes: Number of examples of the splits `validation` and `test`, None where it is not known.
    """

    members: frozenset[tuple[str, int]]
    sizes: Mapping[str, int | None]


def check_values(study: Document, file: Path) -> None:
    """Refuse a study in which a value is of another kind than regulab writes, or a variant has no name.

    What else is missing is not looked for: early versions wrote less, and the curves can be diagnosed without.

    Args:
        study: The document.
        file: Where it is from, for the message.

    Raises:
        InputError: If it is damaged.

    Example:
        >>> check_values({"seeds": [0, "1"]}, Path("runs/digits/study.json"))
        Traceback (most recent call last):
        ...
        regulab.errors.InputError: Expected the study.json that a study wrote in runs/digits. Received: one in which
        `seeds` is not a list of different whole numbers from 0 on. Run the study again in another folder.
    """
    _check(study, _STUDY, file)
    _check(study.get("data", {}), _DATA, file, within="data")
    for entry in study.get("variants", ()):
        _check(entry, _VARIANT, file, within="variants")
        _check_has(entry, ("name",), file, within="variants")


def complete_study(study: Document, file: Path) -> StudyMembers:
    """What a study asks for, where its document holds all that the answers need.

    Args:
        study: The document, whose values were checked.
        file: Where it is from, for the message.

    Raises:
        InputError: If something is missing.
    """
    _check_has(study, _NEEDED, file)
    _check_has(study["data"], _NEEDED_OF_DATA, file, within="data")
    for entry in study["variants"]:
        _check_has(entry, _NEEDED_OF_VARIANT, file, within="variants")
    names = [entry["name"] for entry in study["variants"]]
    if not names or not study["seeds"]:
        raise _damaged(file, f"without any {'seed' if names else 'variant'}")
    if len(set(names)) < len(names):
        raise _damaged(file, "in which two variants have one name")
    data = study["data"]
    return StudyMembers(
        frozenset((name, seed) for name in names for seed in study["seeds"]),
        {split: data.get(split) for split in ("validation", "test")},
    )


def _check(values: Mapping[str, Any], kinds: Mapping[str, _Kind], file: Path, *, within: str = "") -> None:
    for key, kind in kinds.items():
        if key in values and not kind.holds(values[key]):
            raise _damaged(file, f"in which {_called(key, within)} is not {kind.name}")


def _check_has(values: Mapping[str, Any], keys: Iterable[str], file: Path, *, within: str = "") -> None:
    for key in keys:
        if key not in values:
            raise _damaged(file, f"without {_called(key, within)}")


def _called(key: str, within: str) -> str:
    return f"`{key}` of `{within}`" if within else f"`{key}`"


def _damaged(file: Path, received: str) -> InputError:
    return InputError(
        f"Expected the {file.name} that a study wrote in {printable(file.parent)}. Received: one {received}. "
        "Run the study again in another folder."
    )
