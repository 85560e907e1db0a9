"""EDGE-OF-GRID: the best of several strengths is the weakest or the strongest that was tried."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.histories.history import Histories

# From this number of strengths on they are a grid.
FEWEST = 3
# Of grids whose strengths are all equally good, one in a hundred seems to have a better end.
_LEVEL = 0.01
# With strength zero these are the baseline; more training examples, on the other hand, are always better.
_FROM_ZERO = ("l1", "l2", "dropout", "gaussian_noise", "label_smoothing", "weight_decay")
_ENDLESS = ("train_size",)
# Of these the baseline is a strength among others.
_BASELINE = {"width": 1.0, "depth": 0.0}


class EdgeOfGrid(StudyCheck):
    """Compares the variants that differ in the strength of one change, each seed at its own best epoch.

    Passes where the end is not better than its neighbour by more than chance explains, or where the weakest is
    best of all but does not beat the baseline, which is weaker still. Does not apply to fewer than three strengths.
    """

    code = "EDGE-OF-GRID"
    title = "The best of several strengths is the weakest or the strongest that was tried"
    severity: ClassVar[Severity] = "info"
    docs = "findings/edge-of-grid"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study; a finding for each change whose grid ends too early."""
        grids = {kind: grid for kind, grid in _grids(study, histories).items() if len(grid) >= FEWEST}
        if not grids:
            return NotApplicable("needs at least three strengths of one change")
        findings = (self._judge(kind, grid, histories) for kind, grid in grids.items())
        return tuple(finding for finding in findings if finding is not None) or Passed()

    def _judge(self, kind: str, grid: Mapping[float, str], histories: Histories) -> Finding | None:
        strengths = sorted(grid)
        losses = {strength: _best_losses(grid[strength], histories) for strength in strengths}
        means = {strength: float(np.mean(of_seeds)) for strength, of_seeds in losses.items()}
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
        return self.finding(
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


def strength_of(label: str) -> tuple[str, float] | None:
    """Kind and strength of a variant with a single change of a single strength, else None.

    Example:
        >>> strength_of("l2(0.001)"), strength_of("l2(0.001)+dropout(0.5)"), strength_of("baseline")
        (('l2', 0.001), None, None)
    """
    match = re.fullmatch(r"(\w+)\(([^(),+]+)\)", label.replace(" ", ""))
    if match is None:
        return None
    numerator, _, denominator = match.group(2).partition("/")
    try:
        strength = float(numerator) / float(denominator or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return (match.group(1), strength) if math.isfinite(strength) else None


def _grids(study: Mapping[str, Any], histories: Histories) -> dict[str, dict[float, str]]:
    """For each change the variants with it by their strength; the baseline among them where it has one."""
    grids: dict[str, dict[float, str]] = {}
    for entry in study.get("variants") or ():
        parsed = strength_of(str(entry.get("label") or entry.get("name")))
        if parsed and parsed[0] not in _ENDLESS and entry.get("name") in histories.variants:
            grids.setdefault(parsed[0], {})[parsed[1]] = str(entry["name"])
    for kind, grid in grids.items():
        if len(grid) >= FEWEST and kind in _BASELINE and "baseline" in histories.variants:
            grid[_BASELINE[kind]] = "baseline"
    return grids


def _best_losses(variant: str, histories: Histories) -> np.ndarray:
    return np.asarray([member.at("val_data_loss", member.best_epoch) for member in histories.of(variant)])


def _needed(grid: list[np.ndarray]) -> float:
    """The smallest difference of two strengths that chance does not explain; 0 without several seeds.

    Seeds are taken out, since all strengths share them. What is left is the noise of a single training.
    """
    seeds = len(grid[0])
    if seeds < 2 or any(len(losses) != seeds for losses in grid):
        return 0.0
    # Not `scipy.stats`, which is slow to import.
    from scipy.special import stdtrit

    table = np.stack(grid)
    residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    freedom = (len(grid) - 1) * (seeds - 1)
    return float(stdtrit(freedom, 1 - _LEVEL) * math.sqrt(2 * np.sum(residuals**2) / freedom / seeds))
