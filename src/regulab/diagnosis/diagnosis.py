"""A diagnosis: what one training's curves show, what they cannot show, and whether it is healthy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from regulab.diagnosis.analysis import unknown
from regulab.diagnosis.checks import diagnose_member, diagnose_study
from regulab.diagnosis.finding import SEVERITIES, Finding, Severity
from regulab.diagnosis.inconclusive import EXPLAINED, doubt
from regulab.histories.history import Histories, History

#: What the findings about a study as a whole are filed under.
STUDY = "the study"

State = Literal["healthy", "not healthy", "cannot tell"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a diagnosis.

    Attributes:
        indent: By how many columns it is moved in.
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
        """By how many columns its lines after the first are moved in."""
        return self.indent + 2


@dataclass(frozen=True)
class Diagnosis:
    """What one training's curves show.

    Attributes:
        name: Of the log or the member, such as `"history.csv"` or `"l2, seed 0"`.
        findings: The most important first.
        unknown: What the log cannot tell, one sentence each.
        notes: What a reader repaired or left out, one sentence each.
        doubt: Why the curves do not tell whether the model overfits, in a few words; empty where they do.

    Example:
        >>> diagnosis = diagnose_history(History("log.csv", 0, {"loss": (0.6, 0.3, 0.1), "val_loss": (0.6, 0.4, 0.7)}))
        >>> diagnosis.verdict, diagnosis.healthy, diagnosis.worst
        ('cannot tell: too few epochs', False, 'info')
    """

    name: str
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def state(self) -> State:
        """Not healthy where something of weight was found, of severity warning or error; else healthy, if it shows."""
        if self.worst not in (None, "info"):
            return "not healthy"
        return "cannot tell" if self.doubt else "healthy"

    @property
    def verdict(self) -> str:
        """The state, with the reason where it cannot be told."""
        return f"{self.state}: {self.doubt}" if self.state == "cannot tell" else self.state

    @property
    def healthy(self) -> bool:
        """Whether the curves show that nothing of weight is wrong."""
        return self.state == "healthy"

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings, or None where there are none."""
        return _worst(finding.severity for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """The diagnosis as plain values, for JSON."""
        return {
            "name": self.name,
            "healthy": self.healthy,
            "state": self.state,
            "doubt": self.doubt if self.state == "cannot tell" else None,
            "findings": [finding.document() for finding in self.findings],
            "unknown": list(self.unknown),
            "notes": list(self.notes),
        }

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The diagnosis for people."""
        told = [Paragraph(0, f"{self.name}: ", self.verdict, self.state)]
        for finding in self.findings:
            told.append(Paragraph(2, f"{finding.severity} {finding.code}  ", finding.message, finding.severity))
            told.append(Paragraph(6, "", finding.advice, "advice"))
        for label, sentences in (("Cannot tell", self.unknown), ("Note", self.notes)):
            told += [Paragraph(2, f"{label}: ", sentence, "remark") for sentence in sentences]
        return tuple(told)

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
        return "not healthy" if "not healthy" in states else "cannot tell" if "cannot tell" in states else "healthy"

    @property
    def healthy(self) -> bool:
        """Whether all are."""
        return self.state == "healthy"

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among all findings, or None where there are none."""
        return _worst(diagnosis.worst for diagnosis in self.items)

    def document(self) -> dict[str, Any]:
        """All diagnoses as plain values, for JSON."""
        return {
            "healthy": self.healthy,
            "state": self.state,
            "worst": self.worst,
            "diagnoses": [diagnosis.document() for diagnosis in self.items],
        }

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.items))


def diagnose_history(history: History, *, name: str | None = None) -> Diagnosis:
    """Diagnose one training from its history alone.

    Args:
        history: A member of a study, or what a reader made of another tool's log.
        name: What to call it; by default the variant, with the seed where it is one of a study.
    """
    if name is None:
        named = history.seed == 0 and "val_data_loss" not in history.measures
        name = history.variant if named else f"{history.variant}, seed {history.seed}"
    findings, why = diagnose_member(history), doubt(history)
    codes = {finding.code for finding in findings}
    if "UNDERFITTING" in codes:
        # Without accuracy it is of no weight, since a model that had been trained before looks the same.
        why = why or "neither loss falls"
    # What is learned by heart overfits, whether validation loss turns or not.
    explained = [EXPLAINED[why]] if why in EXPLAINED and "MEMORIZATION" not in codes else []
    return Diagnosis(
        name=name,
        findings=findings,
        unknown=(*explained, *unknown(history)),
        notes=tuple(getattr(history, "notes", ())),
        doubt=why,
    )


def diagnose_histories(histories: Histories, *, study: Mapping[str, Any] | None = None) -> Diagnoses:
    """Diagnose every training, and the study that they belong to, if any.

    Args:
        histories: The trainings.
        study: The study document (`study.json`); what it shows comes first, where it shows anything.
    """
    seeds: dict[str, int] = {}
    for member in histories:
        seeds[member.variant] = seeds.get(member.variant, 0) + 1
    items = [
        diagnose_history(member, name=f"{member.variant}, seed {member.seed}" if seeds[member.variant] > 1 else None)
        for member in histories
    ]
    about = () if study is None else diagnose_study(study, histories)
    return Diagnoses((*([Diagnosis(STUDY, about)] if about else []), *items))


def _worst(severities: Any) -> Severity | None:
    return max((each for each in severities if each is not None), key=SEVERITIES.index, default=None)
