"""The same variants in several runs, compared where that is fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from regulab.comparison.paired import Comparison, corrected, paired

# What a study writes where its examples were streamed and not read for a fingerprint.
_UNREAD = "00000000"


@dataclass(frozen=True, eq=False)
class RunLosses:
    """What a run brings to a comparison with others.

    Attributes:
        name: What to call it.
        title: Title of its data.
        fingerprint: That of its data; empty where it has none.
        loss: Name of the loss that it measured.
        split: The split that the losses were measured on.
        labels: For each variant its name with strengths, such as `l2(0.001)`.
        losses: For each variant and seed the loss of each example.
    """

    name: str
    title: str
    fingerprint: str
    loss: str
    split: str
    labels: Mapping[str, str]
    losses: Mapping[str, Mapping[int, np.ndarray]]


class ObstacleKind(Enum):
    """What keeps two runs from being compared."""

    NO_FINGERPRINT = auto()
    OTHER_DATA = auto()
    OTHER_EXAMPLES = auto()
    OTHER_LOSS = auto()
    OTHER_SPLIT = auto()
    NO_COMMON_VARIANT = auto()
    NO_COMMON_SEED = auto()
    OTHER_NUMBER_OF_EXAMPLES = auto()


@dataclass(frozen=True)
class Obstacle:
    """Why a run cannot be compared with the first.

    Attributes:
        kind: What keeps them from being compared.
        run: The run that it is about.
        first: The first run.
        values: What the run has and what the first one has, where that differs.
    """

    kind: ObstacleKind
    run: str
    first: str
    values: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class OtherLabel:
    """A variant that has the same name in two runs and other strengths.

    Attributes:
        variant: Its name.
        run: A run.
        label: What it is in the run.
        first: The first run.
        first_label: What it is there.
    """

    variant: str
    run: str
    label: str
    first: str
    first_label: str


@dataclass(frozen=True)
class SeedsLeftOut:
    """Two runs that have seeds of their own, which are not compared.

    Attributes:
        run: A run.
        first: The first run.
    """

    run: str
    first: str


#: What to mind about a comparison.
Remark = OtherLabel | SeedsLeftOut


@dataclass(frozen=True)
class AcrossRuns:
    """Runs compared with the first of them.

    Attributes:
        obstacles: For each run why it cannot be compared with the first, or None where it can.
        comparisons: For each run, the comparisons of its variants with the same in the first run, whose name is
            their `control`; p-values are corrected for the number of all.
        remarks: What to mind.
    """

    obstacles: tuple[Obstacle | None, ...]
    comparisons: tuple[tuple[Comparison, ...], ...]
    remarks: tuple[Remark, ...]


def across_runs(runs: Sequence[RunLosses]) -> AcrossRuns:
    """Compare every run with the first, variant by variant, paired by the seeds that both have.

    A comparison is fair on the same examples, by the same loss.

    Example:
        >>> losses = {"baseline": {0: np.array([0.2, 0.4]), 1: np.array([0.3, 0.4])}}
        >>> runs = [RunLosses(n, "digits", f, "mse", "test", {}, losses) for n, f in [("a", "12ab"), ("b", "34cd")]]
        >>> across_runs(runs).obstacles[1].kind.name
        'OTHER_EXAMPLES'
    """
    first, *others = runs
    obstacles = [_obstacle(run, first) for run in others]
    pairs = list(zip(others, obstacles, strict=True))
    alone = [[] if obstacle else _comparisons(run, first) for run, obstacle in pairs]
    together = iter(corrected([comparison for of_run in alone for comparison in of_run]))
    comparisons = [tuple(next(together) for _ in of_run) for of_run in alone]
    remarks = (remark for run, obstacle in pairs if not obstacle for remark in _remarks(run, first))
    return AcrossRuns((None, *obstacles), ((), *comparisons), tuple(remarks))


def _obstacle(run: RunLosses, first: RunLosses) -> Obstacle | None:
    for candidate in (run, first):
        if candidate.fingerprint in ("", _UNREAD):
            return Obstacle(ObstacleKind.NO_FINGERPRINT, candidate.name, first.name)
    kind, values = _difference(run, first)
    return None if kind is None else Obstacle(kind, run.name, first.name, values)


def _difference(run: RunLosses, first: RunLosses) -> tuple[ObstacleKind | None, tuple[str, str]]:
    if run.fingerprint != first.fingerprint:
        other = ObstacleKind.OTHER_EXAMPLES if run.title == first.title else ObstacleKind.OTHER_DATA
        return other, (run.title, first.title)
    if run.loss != first.loss:
        return ObstacleKind.OTHER_LOSS, (run.loss, first.loss)
    if run.split != first.split:
        return ObstacleKind.OTHER_SPLIT, (run.split, first.split)
    shared, nothing = [name for name in run.losses if name in first.losses], ("", "")
    if not shared:
        return ObstacleKind.NO_COMMON_VARIANT, nothing
    if not any(run.losses[name].keys() & first.losses[name].keys() for name in shared):
        return ObstacleKind.NO_COMMON_SEED, nothing
    if any(len({len(losses) for side in (run, first) for losses in side.losses[name].values()}) > 1 for name in shared):
        return ObstacleKind.OTHER_NUMBER_OF_EXAMPLES, nothing
    return None, nothing


def _comparisons(run: RunLosses, first: RunLosses) -> list[Comparison]:
    comparisons = []
    for name in run.losses:
        seeds = sorted(run.losses[name].keys() & first.losses.get(name, {}).keys())
        if seeds:
            own, reference = (np.stack([side.losses[name][seed] for seed in seeds]) for side in (run, first))
            comparisons.append(paired(own, reference, variant=name, control=first.name, split=run.split))
    return comparisons


def _remarks(run: RunLosses, first: RunLosses) -> list[Remark]:
    shared = [name for name in run.losses if name in first.losses]
    labels = [(name, *(side.labels.get(name, name) for side in (run, first))) for name in shared]
    remarks: list[Remark] = [
        OtherLabel(name, run.name, label, first.name, first_label)
        for name, label, first_label in labels
        if label != first_label
    ]
    if any(run.losses[name].keys() ^ first.losses[name].keys() for name in shared):
        remarks.append(SeedsLeftOut(run.name, first.name))
    return remarks
