"""Whether a run may begin in a folder, or resume the one that was begun there."""

from __future__ import annotations

from typing import Any

from regulab.errors import InputError
from regulab.histories.json_files import Document, plain
from regulab.histories.run_folder import RunFolder, RunState


def check_folder(run: RunFolder, *, resume: bool) -> None:
    """Refuse a folder that a run cannot be written to; writes nothing.

    Raises:
        InputError: If it is a file or below one, in use, or, with `resume`, holds no unfinished run.
    """
    existing = next((path for path in (run.path, *run.path.parents) if path.exists()), None)
    if existing is not None and not existing.is_dir():
        raise InputError(f"Expected a folder for the run. Received: {run.path}, but {existing} is a file.")
    if resume:
        _check_unfinished(run)
    elif run.state is not RunState.EMPTY:
        alternative = ", or resume the unfinished run there" if run.state is RunState.UNFINISHED else ""
        raise InputError(
            f"Expected a new or empty folder for the run. Received: {run.path}, which is in use. "
            f"Choose another folder{alternative}."
        )


def check_same_study(run: RunFolder, asked: Document) -> None:
    """Refuse to resume a run of another study.

    Raises:
        InputError: If the study in the folder differs in more than its number of epochs.
    """
    begun = run.study()
    differences: list[str] = []
    for key, value in plain(asked).items():
        if key == "variants":
            differences += differing_variants(begun, asked)
        elif key not in ("versions", "epochs", "constant_loss") and value != begun.get(key):
            differences.append(key.replace("_", " "))
    if differences:
        raise InputError(
            f"Expected the study that was begun in {run.path} to resume it. "
            f"Received: one that differs in {_listed(differences)}. "
            "Ask for the same study, or choose another folder."
        )


def differing_variants(begun: Document, asked: Document) -> list[str]:
    """What differs in the variants, or in how the models of those that are the same are built and compiled.

    Args:
        begun: The study in the folder.
        asked: The study to be run.

    Example:
        >>> study = {
        ...     "variants": [{"name": "l2", "parameters": 5, "fingerprints": {"model": "1", "optimizer": "2"}}],
        ...     "versions": {},
        ... }
        >>> other = {
        ...     "variants": [{"name": "l2", "parameters": 5, "fingerprints": {"model": "1", "optimizer": "3"}}],
        ...     "versions": {},
        ... }
        >>> differing_variants(study, other)
        ['the optimizer of l2']
    """
    before, after = begun.get("variants"), asked["variants"]
    if not isinstance(before, list) or list(map(_name_and_label, before)) != list(map(_name_and_label, after)):
        return ["variants"]
    # Another version may write the same model down in another way, and early ones did not.
    comparable = all(
        begun.get("versions", {}).get(name) == asked["versions"].get(name) for name in ("regulab", "keras")
    )
    for first, second in zip(before, after, strict=True):
        fingerprints = first.get("fingerprints", {}) if comparable else {}
        parts = [part for part, code in second["fingerprints"].items() if fingerprints.get(part, code) != code]
        if first.get("parameters") != second["parameters"] and "model" not in parts:
            parts.insert(0, "model")
        if parts:
            # Variants are made of the baseline, which comes first: what differs there differs in all of them.
            return [f"the {_listed(parts)} of {second['name']}"]
    return []


def _name_and_label(variant: Any) -> Any:
    return (variant.get("name"), variant.get("label")) if isinstance(variant, dict) else None


def _check_unfinished(run: RunFolder) -> None:
    if run.state is RunState.COMPLETE:
        raise InputError(
            f"Expected an unfinished run to resume. Received: {run.path}, which is complete. "
            "Choose another folder for a new run."
        )
    if run.state is not RunState.UNFINISHED:
        raise InputError(
            f"Expected an unfinished run to resume. Received: {run.path}, which holds no run. "
            "Begin it without resuming."
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
