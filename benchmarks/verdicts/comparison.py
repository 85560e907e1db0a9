"""One question to several tools, on the same files: does this training overfit?"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from curves import (
    breaks,
    bumps,
    cases,
    diverges,
    forgets,
    improves,
    learns_nothing,
    levels_off,
    overconfident,
    overfits,
    schedule,
    warm_up,
)

from regulab.diagnosis.diagnose import diagnose_history
from regulab.diagnosis.diagnosis import Diagnosis, State
from regulab.diagnosis.logs import diagnose
from regulab.histories.history import History

OVERFITTING, HEALTHY, ELSE, UNSURE = "overfitting", "healthy", "something else", "cannot tell"
_WORDS = {State.NOT_HEALTHY: ELSE, State.CANNOT_TELL: UNSURE, State.HEALTHY: HEALTHY}
#: What the generated curves of a kind are. Left out: noise that hides everything, and penalties, which
#: these files do not show.
TRUTHS = {
    OVERFITTING: (overfits, overconfident, forgets),
    HEALTHY: (levels_off, improves, schedule, warm_up, bumps),
    "broken": (diverges, breaks, learns_nothing),
}


@dataclass(frozen=True)
class Log:
    """A file and the truth about it.

    Attributes:
        path: A file as Keras's CSVLogger writes it.
        group: Where it came from.
        truth: `"overfitting"`, `"healthy"` or `"broken"`.
        training: Which training it is the beginning of.
        measures: What a study measured of it, or nothing.
        loud: Whether its noise is above 3%, of real trainings.
        seen: What the validation examples of the log show, of real trainings: the truth, if they were enough.
    """

    path: Path
    group: str
    truth: str
    training: str
    measures: Mapping[str, Sequence[float]] | None = None
    loud: bool | None = None
    seen: str | None = None


@dataclass(frozen=True)
class Row:
    """What the tools said about the logs of one group and truth.

    Attributes:
        group: Where they came from.
        truth: What they are.
        loud: Whether their noise is above 3%; None for generated ones and for rows put together.
        trainings: The trainings that they are the beginnings of.
        answers: For every tool how often it gave each answer.
    """

    group: str
    truth: str
    loud: bool | None
    trainings: frozenset[str]
    answers: Mapping[str, Counter[str]]

    @property
    def logs(self) -> int:
        """How many logs."""
        return self.answers["regulab"].total()


def write_log(path: Path, columns: Mapping[str, Iterable[Any]]) -> None:
    """Write columns as Keras's CSVLogger does: the epoch, then the rest in the order of their names."""
    names = sorted(columns.keys() - {"epoch"})
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *names])
        for epoch, values in enumerate(zip(*(columns[name] for name in names), strict=True)):
            writer.writerow([epoch, *map(float, values)])


def generated(folder: Path, *, half: int, per_kind: int) -> list[Log]:
    """Files of generated curves."""
    logs = []
    for truth, kinds in TRUTHS.items():
        for number, case in enumerate(cases(half=half, per_kind=per_kind, kinds=kinds)):
            path = folder / f"{truth}-{number}.csv"
            write_log(path, case.table)
            logs.append(Log(path, "generated", truth, path.name))
    return logs


def trained(folder: Path, pieces: Iterable[Any]) -> list[Log]:
    """Files of real trainings, the `Training`s of `trainings`."""
    logs = []
    for number, piece in enumerate(piece for piece in pieces if piece.truth is not None):
        path = folder / f"training-{number}.csv"
        write_log(path, piece.log)
        logs.append(Log(path, piece.kind, piece.truth, piece.name, piece.measures, piece.noise > 0.03, piece.seen))
    return logs


def regulab_on_file(log: Log) -> str:
    """What `regulab diagnose` says about the file."""
    return _in_a_word(next(iter(diagnose(log.path))))


def regulab_on_study(log: Log) -> str | None:
    """What it says about the same training where it has measured it itself."""
    if log.measures is None:
        return None
    return _in_a_word(
        diagnose_history(History("training", 0, {name: tuple(values) for name, values in log.measures.items()}))
    )


def _in_a_word(diagnosis: Diagnosis) -> str:
    """By the same rule as in `ask_peers`: overfitting, another warning, or healthy; or that it cannot be told."""
    if {finding.code for finding in diagnosis.findings} & {"OVERFITTING", "PENALTY-HIDES-OVERFITTING"}:
        return OVERFITTING
    return _WORDS[diagnosis.state]


def shown(logs: Sequence[Log]) -> dict[tuple[str, str | None], Counter[str]]:
    """What regulab says of real trainings, by their truth and by what the examples of the log show of it."""
    answers: dict[tuple[str, str | None], Counter[str]] = {}
    for log in logs:
        if log.loud is not None:
            answers.setdefault((log.truth, log.seen), Counter())[regulab_on_file(log)] += 1
    return answers


def by_noise(rows: Sequence[Row]) -> list[Row]:
    """Rows of real trainings only, those of one noise and truth together."""
    return by_group(
        [
            replace(row, group="noise above 3%" if row.loud else "noise of at most 3%")
            for row in rows
            if row.loud is not None
        ]
    )


def by_group(rows: Sequence[Row]) -> list[Row]:
    """Rows of one group and truth together, whatever their noise."""
    groups = []
    for group, truth in dict.fromkeys((row.group, row.truth) for row in rows):
        same = [row for row in rows if (row.group, row.truth) == (group, truth)]
        tallies = {tool: sum((row.answers[tool] for row in same), Counter()) for tool in same[0].answers}
        groups.append(Row(group, truth, None, frozenset().union(*(row.trainings for row in same)), tallies))
    return groups


def compare(
    logs: Sequence[Log], *, ask: Callable[[Sequence[Path]], Mapping[str, Sequence[str]]] | None = None
) -> list[Row]:
    """Ask regulab and, if given, the other tools about every log.

    Args:
        logs: The files.
        ask: Gives every tool's answers about files, in their order.
    """
    answers: dict[str, Sequence[str | None]] = {
        "regulab": [regulab_on_file(log) for log in logs],
        "regulab's own study": [regulab_on_study(log) for log in logs],
        **(ask([log.path for log in logs]) if ask else {}),
    }
    rows = []
    for key in dict.fromkeys((log.group, log.truth, log.loud) for log in logs):
        here = np.flatnonzero([(log.group, log.truth, log.loud) == key for log in logs])
        tallies = {tool: Counter(said[at] for at in here if said[at] is not None) for tool, said in answers.items()}
        rows.append(Row(*key, frozenset(logs[at].training for at in here), tallies))
    return rows
