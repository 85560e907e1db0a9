"""What a run shows, in a few sentences, and what it is worth as a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from regulab.diagnosis.checks import diagnose_member
from regulab.diagnosis.number_format import decimals, least, written
from regulab.histories.history import History
from regulab.play.runs import Run, View

#: How many runs it takes until the lowest of them is worth a warning.
_MANY = 4
_FIRST = "Preparing the training. The very first one on a machine takes up to a minute, as its kernels are compiled."


def said(view: View) -> str:
    """All there is to say: what the latest run shows, how it compares with the one before, what that proves."""
    if view.error:
        return view.error
    if not view.runs:
        return _FIRST if view.busy else "Nothing is trained yet. Move a slider, or press Train."
    run = view.runs[-1]
    if run.state == "training":
        return f"Run {run.number} ({run.settings.label}): epoch {run.history.epochs} of {run.settings.epochs}."
    text = " ".join(filter(None, (shows(run), compared(view.runs), caution(view.runs))))
    return f"{text} The next run is being prepared." if view.busy else text


def shows(run: Run) -> str:
    """What the run's curves show, by regulab's findings.

    Example:
        >>> from regulab.play.settings import Settings
        >>> losses = {"train_data_loss": (0.6, 0.3, 0.2, 0.1), "val_data_loss": (0.6, 0.4, 0.6, 0.7)}
        >>> shows(Run(1, Settings(), History("baseline", 0, losses), "done"))
        'Run 1 (as built) overfits from epoch 3 on: validation loss is lowest after epoch 2 (0.400) and ends ...'
    """
    name, history = f"Run {run.number} ({run.settings.label})", run.history
    findings = diagnose_member(history)
    first = findings[0] if findings else None
    if first is not None and first.code != "OVERFITTING":
        return f"{name}: {first.message}"
    if history.best_epoch is None:
        return f"{name} has no validation loss to judge."
    places = decimals(_lowest(history))
    lowest, end, trained = (
        written(loss, places)
        for loss in (_lowest(history), history.at("val_data_loss", -1), history.at("train_data_loss", -1))
    )
    curve = f"validation loss is lowest after epoch {history.best_epoch + 1} ({lowest}) and ends at {end}"
    if first is None:
        return f"{name} shows no fault: {curve}."
    return f"{name} overfits from epoch {int(first.evidence['onset']) + 1} on: {curve}, training loss at {trained}."


def compared(runs: Sequence[Run]) -> str:
    """The latest run's lowest validation loss against that of the run before it; empty where there is none."""
    if len(runs) < 2:
        return ""
    before, latest = runs[-2:]
    difference = _lowest(latest.history) - _lowest(before.history)
    if not abs(difference) < float("inf"):
        return ""
    places = decimals(_lowest(latest.history))
    what = f"Its lowest validation loss, {written(_lowest(latest.history), places)},"
    if abs(difference) < least(places):
        return f"{what} is that of run {before.number} ({before.settings.label})."
    side = "below" if difference < 0 else "above"
    return (
        f"{what} lies {written(abs(difference), places)} {side} that of run {before.number} ({before.settings.label})."
    )


def caution(runs: Sequence[Run]) -> str:
    """What the comparison of these runs does not prove; empty where there is none."""
    if len(runs) < 2:
        return ""
    luck = _spread(runs)
    if luck is None:
        text = "One seed each is no proof: move Seed to see by how much luck alone changes the curves."
    else:
        much = written(luck, decimals(_lowest(runs[-1].history)))
        text = f"Seeds alone move the lowest loss by {much} here, so a difference of that size proves nothing."
    if len(runs) >= _MANY:
        text += f" And the lowest of {len(runs)} runs is partly luck; rl.Study compares variants over several seeds."
    return text


def _lowest(history: History) -> float:
    return history.at("val_data_loss", history.best_epoch)


def _spread(runs: Sequence[Run]) -> float | None:
    """The largest difference between runs that differ in their seed alone, or None where no two do."""
    groups: dict[object, list[float]] = {}
    for run in runs:
        groups.setdefault(replace(run.settings, seed=0), []).append(_lowest(run.history))
    spreads = [max(losses) - min(losses) for losses in groups.values() if len(losses) > 1]
    return max(spreads, default=None)
