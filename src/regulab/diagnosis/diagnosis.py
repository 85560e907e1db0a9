"""A diagnosis: what one training's curves show, what they cannot show, and whether it is healthy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from regulab.diagnosis.finding import SEVERITIES, Finding, Severity
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.printable import printable


class State(StrEnum):
    """What a diagnosis comes to; the values stand in JSON and in the terminal."""

    HEALTHY = "healthy"
    NOT_HEALTHY = "not healthy"
    CANNOT_TELL = "cannot tell"
    #: Muted findings would make it not healthy, and there is no other reason.
    NO_OTHER_FINDING = "no other finding"


#: From what weighs most in the state of several trainings to what weighs least.
_BY_WEIGHT = (State.NOT_HEALTHY, State.CANNOT_TELL, State.NO_OTHER_FINDING, State.HEALTHY)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a diagnosis.

    Attributes:
        indent: By how many columns it is indented.
        head: What it begins with: a name, a code or a label.
        text: The rest of it.
        kind: What it is: a state, a severity, `"advice"` or `"remark"`.
    """

    indent: int
    head: str
    text: str
    kind: str

    @property
    def hanging(self) -> int:
        """By how many columns its lines after the first are indented."""
        return self.indent + 2


@dataclass(frozen=True)
class Diagnosis:
    """What one training's curves show.

    Attributes:
        name: Of the log or the member, such as `"history.csv"` or `"l2, seed 0"`.
        findings: The most important first.
        unknown: What the log cannot tell, one sentence each.
        notes: What a reader repaired or left out, one sentence each.
        inconclusive: Why the curves do not tell whether the model overfits, or None where they do.
        ignored: Findings that were muted.
        passed: Codes of the checks that found nothing.
        not_applicable: For each code of a check that could not be made the reason.

    Example:
        >>> diagnosis = Diagnosis("history.csv", (), inconclusive=Inconclusive.TOO_FEW_EPOCHS)
        >>> diagnosis.verdict, diagnosis.healthy, diagnosis.worst
        ('cannot tell: too few epochs', False, None)
    """

    name: str
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    inconclusive: Inconclusive | None = None
    ignored: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Not healthy where a finding has severity warning or error; else healthy, if the curves show it."""
        if self.worst not in (None, "info"):
            return State.NOT_HEALTHY
        if self.inconclusive is not None:
            return State.CANNOT_TELL
        muted = _worst(finding.severity for finding in self.ignored)
        return State.HEALTHY if muted in (None, "info") else State.NO_OTHER_FINDING

    @property
    def verdict(self) -> str:
        """The state, with the reason where it cannot be told, or with what was ignored where that decides."""
        if self.state is State.CANNOT_TELL:
            return f"{self.state}: {self.inconclusive}"
        if self.state is State.NO_OTHER_FINDING:
            return f"{self.state}; {self._ignored} ignored on request"
        return str(self.state)

    @property
    def healthy(self) -> bool:
        """Whether the curves show that nothing of weight is wrong."""
        return self.state is State.HEALTHY

    @property
    def worst(self) -> Severity | None:
        """The highest severity among the findings, or None where there are none."""
        return _worst(finding.severity for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """The diagnosis as plain values, for JSON."""
        return {
            "name": self.name,
            "healthy": self.healthy,
            "state": str(self.state),
            "doubt": str(self.inconclusive) if self.state is State.CANNOT_TELL else None,
            "findings": [finding.document() for finding in self.findings],
            "ignored": [finding.code for finding in self.ignored],
            "passed": list(self.passed),
            "not_applicable": [{"code": code, "reason": reason} for code, reason in self.not_applicable.items()],
            "unknown": list(self.unknown),
            "notes": list(self.notes),
        }

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The diagnosis for people."""
        paragraphs = [Paragraph(0, f"{printable(self.name)}: ", self.verdict, self.state)]
        for finding in self.findings:
            paragraphs.append(
                Paragraph(2, f"{finding.severity} {finding.code}  ", printable(finding.message), finding.severity)
            )
            paragraphs.append(Paragraph(6, "", printable(finding.advice), "advice"))
        ignored = (f"{self._ignored}.",) if self.ignored and self.state is not State.NO_OTHER_FINDING else ()
        for label, sentences in (
            ("Ignored on request", ignored),
            ("Cannot tell", self.unknown),
            ("Note", self.notes),
        ):
            paragraphs += [Paragraph(2, f"{label}: ", printable(sentence), "remark") for sentence in sentences]
        return tuple(paragraphs)

    @property
    def _ignored(self) -> str:
        return ", ".join(dict.fromkeys(finding.code for finding in self.ignored))

    def __str__(self) -> str:
        lines = [
            textwrap.fill(
                f"{part.head}{part.text}", 100, initial_indent=" " * part.indent, subsequent_indent=" " * part.hanging
            )
            for part in self.paragraphs()
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Diagnoses:
    """The diagnoses of several trainings, in the order given.

    Attributes:
        items: A diagnosis each.
    """

    items: tuple[Diagnosis, ...]

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def state(self) -> State:
        """Not healthy where one is not; healthy where all are."""
        states = {diagnosis.state for diagnosis in self.items}
        return next((state for state in _BY_WEIGHT if state in states), State.HEALTHY)

    @property
    def healthy(self) -> bool:
        """Whether all are."""
        return self.state is State.HEALTHY

    @property
    def worst(self) -> Severity | None:
        """The highest severity among all findings, or None where there are none."""
        return _worst(diagnosis.worst for diagnosis in self.items)

    def document(self) -> dict[str, Any]:
        """All diagnoses as plain values, for JSON."""
        return {
            "healthy": self.healthy,
            "state": str(self.state),
            "worst": self.worst,
            "diagnoses": [diagnosis.document() for diagnosis in self.items],
        }

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.items))


def _worst(severities: Iterable[Severity | None]) -> Severity | None:
    given = [severity for severity in severities if severity is not None]
    return max(given, key=SEVERITIES.index, default=None)
