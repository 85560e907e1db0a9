"""What the guide says about a training, while it runs and after it has ended: regulab's findings, for a learner."""

from __future__ import annotations

import json
import math
from typing import Any

from regulab.diagnosis.finding import Finding
from regulab.diagnosis.logs import diagnose
from regulab.errors import InputError
from regulab.lab.authoring.markdown import render
from regulab.lab.guide.pages import pages

#: Facts of trainings longer than this are refused: the probe never makes them.
LONGEST = 1_000_000
# Only at the end is it known whether a training has learned enough.
_AT_THE_END = ("UNDERFITTING",)


class NoFactsError(ValueError):
    """The text does not hold facts about trainings."""


def watched(text: str) -> dict[str, Any]:
    """What the guide says about trainings, as plain values.

    `running` tells whether one is running, `ended` names those that are not, and `remarks` has one for each finding:
    its `training` and `code`, by which it is shown only once, its `severity`, sanitized `html`, and its page, `source`.

    Args:
        text: JSON text, as `facts_training.read` gives it.

    Raises:
        NoFactsError: If the text is something else.

    Example:
        >>> curves = {"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.1], "val_loss": [0.6, 0.5, 0.6, 0.7, 0.8, 0.9]}
        >>> answer = watched(json.dumps([{"training": "a", "running": True, "values": curves}]))
        >>> answer["running"], answer["remarks"][0]["code"], answer["remarks"][0]["html"][:19]
        (True, 'OVERFITTING', '<p>Validation loss ')
    """
    trainings = _trainings(text)
    return {
        "running": any(training["running"] for training in trainings),
        "ended": [training["training"] for training in trainings if not training["running"]],
        "remarks": [remark for training in trainings for remark in _remarks(training)],
    }


def _trainings(text: str) -> list[dict[str, Any]]:
    if len(text) > LONGEST:
        raise NoFactsError
    try:
        trainings = json.loads(text)
    except (ValueError, RecursionError):
        trainings = None
    if not isinstance(trainings, list) or not all(map(_is_training, trainings)):
        raise NoFactsError
    return trainings


def _is_training(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("training"), str)
        and isinstance(value.get("running"), bool)
        and isinstance(value.get("values"), dict)
        and all(
            isinstance(numbers, list) and all(number is None or type(number) in (int, float) for number in numbers)
            for numbers in value["values"].values()
        )
    )


def _remarks(training: dict[str, Any]) -> list[dict[str, Any]]:
    running = training["running"]
    values = {
        name: [math.nan if value is None else value for value in numbers]
        for name, numbers in training["values"].items()
        if numbers
    }
    try:
        findings = [finding for diagnosis in diagnose(values) for finding in diagnosis.findings] if values else []
    except InputError:
        # A training of a different kind, without a loss among its curves.
        findings = []
    return [
        {
            "training": training["training"],
            "code": finding.code,
            "severity": finding.severity,
            "html": render(_markdown(finding, running=running)),
            "source": pages()[_page(finding)].source.document() if _page(finding) in pages() else None,
        }
        for finding in findings
        if finding.severity != "info" and not (running and finding.code in _AT_THE_END)
    ]


def _page(finding: Finding) -> str:
    return f"findings/{finding.code.lower()}"


def _markdown(finding: Finding, *, running: bool) -> str:
    """A finding's message and advice. While a training runs, they say where it is now instead of where it ended."""
    if finding.code != "OVERFITTING":
        return f"{finding.message}\n\n{finding.advice}"
    numbers = finding.evidence
    curve = "Validation loss" if numbers["penalty_free"] else "Validation loss (penalty included, if there is one)"
    now = "is now" if running else "ended"
    falls = "keeps falling" if running else "kept falling"
    return (
        f"{curve} turned at epoch {numbers['best_epoch'] + 1:.0f}, where it was {numbers['val_loss_best']:.3g}; "
        f"it {now} at {numbers['val_loss_end']:.3g}, while training loss {falls}, to {numbers['train_loss_end']:.3g}."
        "\n\n"
        f"{finding.advice}"
    )
