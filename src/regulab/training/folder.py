"""The folder of a run: whose it is, before anything is written to it and after a run came to nothing."""

from __future__ import annotations

from pathlib import Path

from regulab.errors import InputError
from regulab.histories import store


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
        unfinished = (path / store.STUDY).exists() and not (path / store.RESULTS).exists()
        also = ", or resume the unfinished run there" if unfinished else ""
        raise InputError(
            f"Expected a new or empty folder for the run. Received: {path}, which is in use. "
            f"Choose another folder{also}."
        )


def check_same_study(path: Path, asked: store.Document) -> None:
    """Refuse to go on with a run of another study.

    Raises:
        InputError: If the study in the folder differs in more than its number of epochs.
    """
    before = store.read_json(path / store.STUDY)
    differing = [
        key for key in asked if key not in ("versions", "epochs") and store.plain(asked[key]) != before.get(key)
    ]
    if differing:
        raise InputError(
            f"Expected the study that was begun in {path} to resume it. "
            f"Received: one with different {_listed([key.replace('_', ' ') for key in differing])}. "
            "Ask for the same study, or choose another folder."
        )


def claim(path: Path, asked: store.Document) -> tuple[Path, ...]:
    """Make the folder and write down what was asked.

    Returns:
        The folders that had to be made, innermost first.

    Raises:
        InputError: If it cannot be written to.
    """
    made = tuple(place for place in (path, *path.parents) if not place.exists())
    try:
        path.mkdir(parents=True, exist_ok=True)
        store.write_json(path / store.STUDY, asked)
    except OSError as error:
        raise InputError(
            f"Expected a folder that can be written to. Received: {path} ({error.strerror}). Choose another folder."
        ) from None
    return made


def abandon(path: Path, made: tuple[Path, ...]) -> None:
    """Take back what `claim` wrote and those of the folders that it made which hold nothing else."""
    (path / store.STUDY).unlink(missing_ok=True)
    for place in made:
        if any(place.iterdir()):
            return
        place.rmdir()


def _check_unfinished(path: Path) -> None:
    if not (path / store.STUDY).exists():
        raise InputError(
            f"Expected an unfinished run to resume. Received: {path}, which holds no run. Begin it without resuming."
        )
    if (path / store.RESULTS).exists():
        raise InputError(
            f"Expected an unfinished run to resume. Received: {path}, which is complete. "
            "Choose another folder for a new run."
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
