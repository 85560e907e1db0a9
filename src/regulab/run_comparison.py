"""Several finished runs side by side, each compared with the first where that is fair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regulab.comparison.across_runs import Obstacle, Remark, RunLosses, across_runs
from regulab.comparison.paired import Comparison
from regulab.comparison.wording import obstacle_reason, remark_sentence
from regulab.errors import InputError
from regulab.printable import printable
from regulab.report.document import comparison_document
from regulab.results import Results, load


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One run of a comparison.

    Attributes:
        name: What it is called: the folder's own name where that tells the runs apart, else its path as given.
        folder: Its run folder, as given.
        results: What it found.
        obstacle: Why it cannot be compared with the first run, or None where it can.
        comparisons: Its variants compared with the same variants of the first run, whose name is their `control`;
            p-values are corrected for the number of all comparisons. Empty for the first run.
    """

    name: str
    folder: str
    results: Results
    obstacle: Obstacle | None
    comparisons: tuple[Comparison, ...]

    @property
    def reason(self) -> str | None:
        """Why it cannot be compared with the first run, in words, or None where it can."""
        return None if self.obstacle is None else obstacle_reason(self.obstacle)


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Several runs, compared with the first of them.

    Attributes:
        runs: In the order given.
        remarks: What to mind, such as a variant that has other strengths in another run.
    """

    runs: tuple[ComparedRun, ...]
    remarks: tuple[Remark, ...]

    def __repr__(self) -> str:
        names = printable(", ".join(run.name for run in self.runs))
        return f"<RunComparison of {names}; comparisons: {len(self.comparisons)}>"

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All comparisons, run by run."""
        return tuple(comparison for run in self.runs for comparison in run.comparisons)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to mind, one sentence each."""
        return tuple(map(remark_sentence, self.remarks))

    def document(self) -> dict[str, Any]:
        """Everything as plain values: what `regulab compare --json` prints."""
        return {
            "runs": [
                {
                    "run": run.name,
                    "folder": run.folder,
                    "data": run.results.study["data"],
                    "comparable": run.obstacle is None,
                    "reason": run.reason,
                    "summary": [asdict(line) for line in run.results.summary()],
                    "recommendation": asdict(run.results.recommend()),
                }
                for run in self.runs
            ],
            "comparison": [
                {"run": run.name, **comparison_document(comparison)}
                for run in self.runs
                for comparison in run.comparisons
            ],
            "notes": list(self.notes),
        }


def compare_runs(folders: Sequence[str | Path]) -> RunComparison:
    """Compare finished runs with the first of them, variant by variant, paired by the seeds that both have.

    Runs are compared on the same examples, by the same loss, each seed at its own best epoch. Needs no TensorFlow.

    Args:
        folders: Run folders, at least one.

    Returns:
        `.runs` holds for each run its results, its comparisons with the first run, and the obstacle where it cannot
        be compared; `.notes` says what to mind.

    Raises:
        InputError: If there is no folder, one is given twice, or one is not a complete run folder.

    Example:
        >>> compare_runs(["runs/monday", "runs/friday"])
        Traceback (most recent call last):
        ...
        regulab.errors.InputError: Expected a run folder. Received: runs/monday, which does not exist.
    """
    given = [folders] if isinstance(folders, (str, Path)) else list(folders)
    if not given:
        raise InputError("Expected at least one run folder to compare. Received: none.")
    paths = [Path(folder).resolve() for folder in given]
    for folder, path in zip(given, paths, strict=True):
        if paths.count(path) > 1:
            raise InputError(f"Expected each run once. Received: {folder} more than once.")
    short = [path.name for path in paths]
    names = short if len(set(short)) == len(short) else list(map(str, given))
    loaded = [load(folder) for folder in given]
    across = across_runs([_losses(name, results) for name, results in zip(names, loaded, strict=True)])
    columns = (names, map(str, given), loaded, across.obstacles, across.comparisons)
    return RunComparison(tuple(ComparedRun(*row) for row in zip(*columns, strict=True)), across.remarks)


def _losses(name: str, results: Results) -> RunLosses:
    study, data = results.study, results.study["data"]
    losses: dict[str, dict[int, np.ndarray]] = {}
    for (variant, seed), entry in results.losses.items():
        losses.setdefault(variant, {})[seed] = getattr(entry, results.split)
    return RunLosses(
        name=name,
        title=str(data["title"]),
        fingerprint=str(data.get("fingerprint", "")),
        loss=str(study.get("loss", "")),
        split=results.split,
        labels={entry["name"]: str(entry.get("label", entry["name"])) for entry in study["variants"]},
        # In the order of the study, as everywhere.
        losses={variant: losses[variant] for variant in results.histories.variants},
    )
