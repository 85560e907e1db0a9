"""EDGE-OF-GRID: the best of several strengths is the weakest or the strongest that was tried."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from regulab.diagnosis.finding import Finding
from regulab.histories.history import Histories

# From this number of strengths on they are a grid.
FEWEST = 3
# Of grids whose strengths are all equally good, one in a hundred seems to have a better end.
_LEVEL = 0.01
# With strength zero these are the baseline; more training examples, in turn, are better without end.
_FROM_ZERO = ("l1", "l2", "dropout", "gaussian_noise", "label_smoothing", "weight_decay")
_ENDLESS = ("train_size",)
# Of these the baseline is a strength among others.
_BASELINE = {"width": 1.0, "depth": 0.0}


def check(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Compare the variants that differ in the strength of one change, each seed at its own best epoch.

    Silent where the end is not better than its neighbour by more than chance explains, or where the weakest is
    best of all but does not beat the baseline, which is weaker still.
    """
    grids: dict[str, dict[float, str]] = {}
    for entry in study.get("variants") or ():
        parsed = strength_of(str(entry.get("label") or entry.get("name")))
        if parsed and parsed[0] not in _ENDLESS and entry.get("name") in histories.variants:
            grids.setdefault(parsed[0], {})[parsed[1]] = str(entry["name"])
    for kind, grid in grids.items():
        if len(grid) >= FEWEST and kind in _BASELINE and "baseline" in histories.variants:
            grid[_BASELINE[kind]] = "baseline"
    return tuple(
        finding
        for kind, grid in grids.items()
        if len(grid) >= FEWEST and (finding := _judge(kind, grid, histories)) is not None
    )


def strength_of(label: str) -> tuple[str, float] | None:
    """Kind and strength of a variant with a single change of a single strength, else None.

    Example:
        >>> strength_of("l2(0.001)"), strength_of("l2(0.001)+dropout(0.5)"), strength_of("baseline")
        (('l2', 0.001), None, None)
    """
    match = re.fullmatch(r"(\w+)\(([^(),+]+)\)", label.replace(" ", ""))
    if match is None:
        return None
    try:
        return match.group(1), float(Fraction(match.group(2)))
    except (ValueError, ZeroDivisionError):
        return None


def _judge(kind: str, grid: Mapping[float, str], histories: Histories) -> Finding | None:
    strengths = sorted(grid)
    losses = {strength: _best_losses(grid[strength], histories) for strength in strengths}
    means = {strength: float(np.mean(each)) for strength, each in losses.items()}
    if not all(map(math.isfinite, means.values())):
        return None
    best = min(strengths, key=means.__getitem__)
    if best not in (strengths[0], strengths[-1]):
        return None
    weakest = best == strengths[0]
    neighbour = strengths[1] if weakest else strengths[-2]
    needed = _needed([losses[strength] for strength in strengths])
    if not means[neighbour] - means[best] > needed:
        return None
    if weakest and kind in _FROM_ZERO and "baseline" in histories.variants:
        baseline = _best_losses("baseline", histories)
        if not float(np.mean(baseline)) - means[best] > needed:
            return None
    side, beyond = ("lowest", "lower") if weakest else ("highest", "higher")
    tried = ", ".join(f"{strength:g}" for strength in strengths)
    return Finding(
        code="EDGE-OF-GRID",
        severity="info",
        message=(
            f"Of {kind} with {tried}, the {side}, {best:g}, has the best "
            f"validation loss ({means[best]:.4g}; {means[neighbour]:.4g} with {neighbour:g})."
        ),
        evidence={"best": best, "val_loss_best": means[best], "val_loss_neighbour": means[neighbour]},
        advice=(
            f"The best strength may lie beyond those tried. Try {beyond} ones, until the best has a neighbour on "
            "each side."
        ),
    )


def _best_losses(variant: str, histories: Histories) -> np.ndarray:
    return np.asarray([member.at("val_data_loss", member.best_epoch) for member in histories.of(variant)])


def _needed(grid: list[np.ndarray]) -> float:
    """How large a difference of two strengths chance does not explain; without several seeds it is not known.

    Seeds are taken out, since all strengths share them. What is left is the noise of a single training.
    """
    seeds = len(grid[0])
    if seeds < 2 or any(len(each) != seeds for each in grid):
        return 0.0
    # Not `scipy.stats`, which is slow to import.
    from scipy.special import stdtrit

    table = np.stack(grid)
    left = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    freedom = (len(grid) - 1) * (seeds - 1)
    return float(stdtrit(freedom, 1 - _LEVEL) * math.sqrt(2 * np.sum(left**2) / freedom / seeds))
