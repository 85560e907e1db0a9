"""What there is to say about the runs of a playground, decided as records; `commentary` puts them into words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from regulab.diagnosis.number_format import decimals, least
from regulab.diagnosis.run_checks import diagnose_member
from regulab.histories.history import History
from regulab.play.runs import Run, View

#: How many runs it takes until the lowest of them is worth a warning.
MANY = 4


@dataclass(frozen=True)
class Failed:
    """The training failed; the message says why."""

    message: str


@dataclass(frozen=True)
class FirstBegins:
    """The first run is being prepared."""


@dataclass(frozen=True)
class NothingTrained:
    """There is no run, and none is being prepared."""


@dataclass(frozen=True)
class NextBegins:
    """A further run is being prepared."""


@dataclass(frozen=True)
class RunName:
    """Which run.

    Attributes:
        number: Counted from 1.
        label: What was set.
    """

    number: int
    label: str


@dataclass(frozen=True)
class InTraining:
    """A run is being trained.

    Attributes:
        run: Which one.
        epoch: How many epochs it has finished.
        epochs: How many it is trained for.
    """

    run: RunName
    epoch: int
    epochs: int


@dataclass(frozen=True)
class OtherFinding:
    """The most severe finding of a run, other than overfitting, in the words of its check."""

    run: RunName
    message: str


@dataclass(frozen=True)
class NoLoss:
    """The run has no validation loss to judge it by."""

    run: RunName


@dataclass(frozen=True)
class Curve:
    """Where a run's validation loss turns, and where both losses end.

    Attributes:
        best_epoch: The epoch of the lowest validation loss, counted from 0.
        lowest: Validation loss after it.
        end: Validation loss after the last epoch.
        train_end: Training loss after the last epoch, measured with dropout off.
    """

    best_epoch: int
    lowest: float
    end: float
    train_end: float


@dataclass(frozen=True)
class Overfits:
    """The run overfits.

    Attributes:
        run: Which one.
        onset: The epoch from which it does, counted from 0.
        curve: Its losses.
    """

    run: RunName
    onset: int
    curve: Curve


@dataclass(frozen=True)
class Healthy:
    """No check finds a fault with the run."""

    run: RunName
    curve: Curve


@dataclass(frozen=True)
class Compared:
    """The latest run's lowest validation loss against that of the run before it.

    Attributes:
        lowest: The latest run's.
        difference: Minus that of the run before; 0 where it disappears when both are rounded for people.
        before: The run before.
    """

    lowest: float
    difference: float
    before: RunName


@dataclass(frozen=True)
class OneSeedEach:
    """No two runs differ in their seed alone, so nothing tells luck from an effect."""


@dataclass(frozen=True)
class SeedSpread:
    """The largest difference that the seed alone has made.

    Attributes:
        difference: Between the lowest validation losses of runs that differ in their seed alone.
        lowest: The latest run's lowest validation loss, which sets the decimals.
    """

    difference: float
    lowest: float


@dataclass(frozen=True)
class BestOfMany:
    """So many runs were made that the lowest of them is partly luck."""

    runs: int


Remark = (
    Failed
    | FirstBegins
    | NothingTrained
    | NextBegins
    | InTraining
    | OtherFinding
    | NoLoss
    | Overfits
    | Healthy
    | Compared
    | OneSeedEach
    | SeedSpread
    | BestOfMany
)


def remarks(view: View) -> tuple[Remark, ...]:
    """All there is to say: what the latest run shows, how it compares with the one before, what that proves."""
    if view.error:
        return (Failed(view.error),)
    if not view.runs:
        return (FirstBegins() if view.busy else NothingTrained(),)
    run = view.runs[-1]
    if run.state == "training":
        return (InTraining(_name(run), run.history.epochs, run.settings.epochs),)
    return (judge(run), *compare(view.runs), *caution(view.runs), *((NextBegins(),) if view.busy else ()))


def judge(run: Run) -> OtherFinding | NoLoss | Overfits | Healthy:
    """What the run's curves show, by regulab's checks.

    Example:
        >>> from regulab.play.settings import Settings
        >>> losses = {"train_data_loss": (0.6, 0.3, 0.2, 0.1), "val_data_loss": (0.6, 0.4, 0.6, 0.7)}
        >>> judge(Run(1, Settings(), History("baseline", 0, losses), "done"))
        Overfits(run=RunName(number=1, label='as built'), onset=2, curve=Curve(best_epoch=1, lowest=0.4, end=0.7, ...))
    """
    history = run.history
    findings = diagnose_member(history)
    first = findings[0] if findings else None
    if first is not None and first.code != "OVERFITTING":
        return OtherFinding(_name(run), first.message)
    if history.best_epoch is None:
        return NoLoss(_name(run))
    curve = Curve(
        best_epoch=history.best_epoch,
        lowest=_lowest(history),
        end=history.at("val_data_loss", -1),
        train_end=history.at("train_data_loss", -1),
    )
    if first is None:
        return Healthy(_name(run), curve)
    return Overfits(_name(run), int(first.evidence["onset"]), curve)


def compare(runs: Sequence[Run]) -> Iterator[Compared]:
    """The latest run against the one before it; nothing where there is none, or either has no finite loss."""
    if len(runs) < 2:
        return
    before, latest = runs[-2:]
    lowest = _lowest(latest.history)
    difference = lowest - _lowest(before.history)
    if math.isfinite(difference):
        yield Compared(lowest, difference if abs(difference) >= least(decimals(lowest)) else 0.0, _name(before))


def caution(runs: Sequence[Run]) -> Iterator[OneSeedEach | SeedSpread | BestOfMany]:
    """What the comparison of these runs does not prove; nothing where there is none."""
    if len(runs) < 2:
        return
    spread = _seed_spread(runs)
    yield OneSeedEach() if spread is None else SeedSpread(spread, _lowest(runs[-1].history))
    if len(runs) >= MANY:
        yield BestOfMany(len(runs))


def _name(run: Run) -> RunName:
    return RunName(run.number, run.settings.label)


def _lowest(history: History) -> float:
    return history.at("val_data_loss", history.best_epoch)


def _seed_spread(runs: Sequence[Run]) -> float | None:
    """The largest difference between runs that differ in their seed alone, or None where no two do."""
    groups: dict[object, list[float]] = {}
    for run in runs:
        groups.setdefault(replace(run.settings, seed=0), []).append(_lowest(run.history))
    spreads = [max(losses) - min(losses) for losses in groups.values() if len(losses) > 1]
    return max(spreads, default=None)
