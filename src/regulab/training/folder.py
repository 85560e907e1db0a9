"""The folder of a run: whose it is, before anything is written to it and after a run came to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regulab.errors import InputError
from regulab.histories import run_files


def check_folder(path: Path, *, resume: bool) -> None:
    """Refuse a folder that a run cannot be written to; writes nothing.

    Raises:
        InputError: If it is a file or below one, in use, or, with `resume`, holds no unfinished run.
    """
    in_the_way = next((place for place in (path, *path.parents) if place.exists()), path)
    if in_the_way.exists() and not in_the_way.is_dir():
        raise InputError(f"Expected a folder for the run. Received: {path}, but {in_the_way} is a file.")
    if resume:
        _check_unfinished(path)
    elif path.exists() and any(path.iterdir()):
        unfinished = (path / run_files.STUDY).exists() and not (path / run_files.RESULTS).exists()
        also = ", or resume the unfinished run there" if unfinished else ""
        raise InputError(
            f"Expected a new or empty folder for the run. Received: {path}, which is in use. "
            f"Choose another folder{also}."
        )


def check_same_study(path: Path, asked: run_files.Document) -> None:
    """Refuse to go on with a run of another study.

    Raises:
        InputError: If the study in the folder differs in more than its number of epochs.
    """
    before = run_files.read_json(path / run_files.STUDY)
    differing: list[str] = []
    for key, value in run_files.plain(asked).items():
        if key == "variants":
            differing += _differing_variants(before, asked)
        elif key not in ("versions", "epochs") and value != before.get(key):
            differing.append(key.replace("_", " "))
    if differing:
        raise InputError(
            f"Expected the study that was begun in {path} to resume it. "
            f"Received: one that differs in {_listed(differing)}. "
            "Ask for the same study, or choose another folder."
        )


def _differing_variants(before: run_files.Document, asked: run_files.Document) -> list[str]:
    """What differs in the variants, or in how the models of those that are the same are built and compiled."""
    begun, wanted = before.get("variants"), asked["variants"]
    if not isinstance(begun, list) or [_named(each) for each in begun] != [_named(each) for each in wanted]:
        return ["variants"]
    # Another version may write the same model down in another way, and early ones did not.
    comparable = all(
        before.get("versions", {}).get(name) == asked["versions"].get(name) for name in ("regulab", "keras")
    )
    for first, second in zip(begun, wanted, strict=True):
        fingerprints = first.get("fingerprints", {}) if comparable else {}
        parts = [part for part, code in second["fingerprints"].items() if fingerprints.get(part, code) != code]
        if first.get("parameters") != second["parameters"] and "model" not in parts:
            parts.insert(0, "model")
        if parts:
            # Variants are made of the baseline, which comes first: what differs there differs in all of them.
            return [f"the {_listed(parts)} of {second['name']}"]
    return []


def _named(variant: Any) -> Any:
    return (variant.get("name"), variant.get("label")) if isinstance(variant, dict) else None


def claim(path: Path, asked: run_files.Document) -> tuple[Path, ...]:
    """Make the folder and write down what was asked.

    Returns:
        The folders that had to be made, innermost first.

    Raises:
        InputError: If it cannot be written to.
    """
    made = tuple(place for place in (path, *path.parents) if not place.exists())
    try:
        path.mkdir(parents=True, exist_ok=True)
        run_files.write_json(path / run_files.STUDY, asked)
    except OSError as error:
        raise InputError(
            f"Expected a folder that can be written to. Received: {path} ({error.strerror}). Choose another folder."
        ) from None
    return made


def abandon(path: Path, made: tuple[Path, ...]) -> None:
    """Take back what `claim` wrote and those of the folders that it made which hold nothing else."""
    (path / run_files.STUDY).unlink(missing_ok=True)
    for place in made:
        if any(place.iterdir()):
            return
        place.rmdir()


def _check_unfinished(path: Path) -> None:
    if not (path / run_files.STUDY).exists():
        raise InputError(
            f"Expected an unfinished run to resume. Received: {path}, which holds no run. Begin it without resuming."
        )
    if (path / run_files.RESULTS).exists():
        raise InputError(
            f"Expected an unfinished run to resume. Received: {path}, which is complete. "
            "Choose another folder for a new run."
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
