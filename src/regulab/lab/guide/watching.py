"""What there is to say about a training while it runs and when it has ended: regulab's findings, for a learner."""

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
# Whether a training has learned enough is known only then.
_AT_THE_END = ("UNDERFITTING",)


class NoFactsError(ValueError):
    """What came is no facts about trainings."""


def watched(text: str) -> dict[str, Any]:
    """What there is to say about trainings, as plain values.

    `running` says whether one is running, `ended` names those that are not, and `remarks` holds one for each finding:
    its `training` and `code`, by which it is said once, its `severity`, sanitized `html`, and the `source`, its page.

    Args:
        text: JSON text, as `facts_training.read` gives it.

    Raises:
        NoFactsError: If the text is something else.

    Example:
        >>> curves = {"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.1], "val_loss": [0.6, 0.5, 0.6, 0.7, 0.8, 0.9]}
        >>> found = watched(json.dumps([{"training": "a", "running": True, "values": curves}]))
        >>> found["running"], found["remarks"][0]["code"], found["remarks"][0]["html"][:19]
        (True, 'OVERFITTING', '<p>Validation loss ')
    """
    trainings = _trainings(text)
    return {
        "running": any(training["running"] for training in trainings),
        "ended": [training["training"] for training in trainings if not training["running"]],
        "remarks": [remark for training in trainings for remark in _of(training)],
    }


def _trainings(text: str) -> list[dict[str, Any]]:
    if len(text) > LONGEST:
        raise NoFactsError
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(_is_training(each) for each in found):
        raise NoFactsError
    return found


def _is_training(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("training"), str)
        and isinstance(given.get("running"), bool)
        and isinstance(given.get("values"), dict)
        and all(
            isinstance(values, list) and all(value is None or type(value) in (int, float) for value in values)
            for values in given["values"].values()
        )
    )


def _of(training: dict[str, Any]) -> list[dict[str, Any]]:
    running = training["running"]
    values = {
        name: [math.nan if value is None else value for value in numbers]
        for name, numbers in training["values"].items()
        if numbers
    }
    try:
        findings = [finding for diagnosis in diagnose(values) for finding in diagnosis.findings] if values else []
    except InputError:
        # A training of another kind, whose curves name no loss.
        findings = []
    return [
        {
            "training": training["training"],
            "code": finding.code,
            "severity": finding.severity,
            "html": render(_said(finding, running=running)),
            "source": pages()[_page(finding)].source.document() if _page(finding) in pages() else None,
        }
        for finding in findings
        if finding.severity != "info" and not (running and finding.code in _AT_THE_END)
    ]


def _page(finding: Finding) -> str:
    return f"findings/{finding.code.lower()}"


def _said(finding: Finding, *, running: bool) -> str:
    """A finding's message and advice; while a training runs, where it is now instead of where it ended."""
    if finding.code != "OVERFITTING":
        return f"{finding.message}\n\n{finding.advice}"
    numbers = finding.evidence
    what = "Validation loss" if numbers["penalty_free"] else "Validation loss (penalty included, if there is one)"
    now = "is now" if running else "ended"
    goes = "goes on falling" if running else "went on falling"
    return (
        f"{what} turned at epoch {numbers['best_epoch'] + 1:.0f}, where it was {numbers['val_loss_best']:.3g}; "
        f"it {now} at {numbers['val_loss_end']:.3g}, while training loss {goes}, to {numbers['train_loss_end']:.3g}."
        "\n\n"
        f"{finding.advice}"
    )
