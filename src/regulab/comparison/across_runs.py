"""The same variants in several runs, compared where that is fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Across:
    """Runs held against the first of them.

    Attributes:
        reasons: For each run why it cannot be compared with the first, or None where it can.
        comparisons: For each run, the comparisons of its variants with the same in the first run, in which the
            first run's name stands as `control`; p-values are corrected for the number of all.
        notes: What to mind, one sentence each.
    """

    reasons: tuple[str | None, ...]
    comparisons: tuple[tuple[Comparison, ...], ...]
    notes: tuple[str, ...]


def compare_runs(runs: Sequence[RunLosses]) -> Across:
    """Compare every run with the first, variant by variant, paired by the seeds that both have.

    A comparison is fair on the same examples, by the same loss.

    Example:
        >>> losses = {"baseline": {0: np.array([0.2, 0.4]), 1: np.array([0.3, 0.4])}}
        >>> runs = [RunLosses(n, "digits", f, "mse", "test", {}, losses) for n, f in [("a", "12ab"), ("b", "34cd")]]
        >>> compare_runs(runs).reasons[1]
        'its data are not those of a: other examples under the same name'
    """
    first = runs[0]
    reasons = tuple(None if run is first else _reason(run, first) for run in runs)
    found = [[] if run is first or reason else _variants(run, first) for run, reason in zip(runs, reasons, strict=True)]
    together = iter(corrected([comparison for part in found for comparison in part]))
    comparisons = tuple(tuple(next(together) for _ in part) for part in found)
    notes = [
        note
        for run, reason in zip(runs, reasons, strict=True)
        if run is not first and not reason
        for note in _notes(run, first)
    ]
    return Across(reasons, comparisons, tuple(notes))


def _reason(run: RunLosses, first: RunLosses) -> str | None:
    for one in (run, first):
        if one.fingerprint in ("", _UNREAD):
            return f"{one.name} has no fingerprint of its data (they were streamed, or it is of an early version)"
    if run.fingerprint != first.fingerprint:
        other = (
            f"{run.title} against {first.title}" if run.title != first.title else "other examples under the same name"
        )
        return f"its data are not those of {first.name}: {other}"
    if run.loss != first.loss:
        return f"its loss is {run.loss}, that of {first.name} is {first.loss}"
    if run.split != first.split:
        return f"its losses are of {run.split} data, those of {first.name} of {first.split} data"
    shared = [name for name in run.losses if name in first.losses]
    if not shared:
        return f"it has no variant in common with {first.name}"
    if not any(run.losses[name].keys() & first.losses[name].keys() for name in shared):
        return f"it has no seed in common with {first.name}"
    if any(len({len(losses) for one in (run, first) for losses in one.losses[name].values()}) > 1 for name in shared):
        return f"it has losses of another number of examples than {first.name}"
    return None


def _variants(run: RunLosses, first: RunLosses) -> list[Comparison]:
    found = []
    for name in run.losses:
        seeds = sorted(run.losses[name].keys() & first.losses.get(name, {}).keys())
        if seeds:
            mine, theirs = (np.stack([one.losses[name][seed] for seed in seeds]) for one in (run, first))
            found.append(paired(mine, theirs, variant=name, control=first.name, split=run.split))
    return found


def _notes(run: RunLosses, first: RunLosses) -> list[str]:
    notes = []
    for name in run.losses:
        labels = [one.labels.get(name, name) for one in (run, first)]
        if name in first.losses and labels[0] != labels[1]:
            notes.append(f"{name} is {labels[0]} in {run.name} and {labels[1]} in {first.name}.")
    left_out = sum(
        len(run.losses[name].keys() ^ first.losses[name].keys()) for name in run.losses if name in first.losses
    )
    if left_out:
        notes.append(f"Of {run.name} and {first.name} only the seeds that both have are compared.")
    return notes
