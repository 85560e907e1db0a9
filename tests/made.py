"""Results of a study that was never trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from regulab.histories.example_losses import ExampleLosses, LossTable
from regulab.histories.history import Histories, History
from regulab.histories.run_folder import RunFolder
from regulab.results import Results

EXAMPLES = np.linspace(-0.05, 0.05, 8)
# What every run folder says of its data.
_DATA = {"source": "this test", "test": None, "validation_is_test": False}
BEST = {"baseline": 0.4, "l2": 0.3, "l2+dropout": 0.41}


def untrained(
    members: Sequence[History], losses: LossTable, *, data: Mapping[str, Any], parameters: int, **asked: Any
) -> Results:
    """Results of histories and losses that a test wrote down."""
    histories = Histories(tuple(members))
    study = {
        "data": {"name": "made", "title": "made (synthetic)", **_DATA, **data},
        "variants": [{"name": name, "parameters": parameters, "capacity": False} for name in histories.variants],
        "seeds": list(histories.seeds),
        "epochs": histories.epochs,
        **asked,
    }
    return Results(study=study, histories=histories, losses=losses)


def made(
    *, seeds: int = 3, variants: tuple[str, ...] = tuple(BEST), validation_is_test: bool = False, unit: float = 1
) -> Results:
    """Results without a training."""
    members, losses = [], {}
    for number, variant in enumerate(variants):
        for seed in range(seeds):
            best = BEST[variant] + 0.001 * math.cos(seed * (number + 1))
            measures = {"val_data_loss": (0.6, best, 0.5, 0.7), "train_data_loss": (0.6, 0.3, 0.2, 0.1)}
            measures = {measure: tuple(unit * value for value in values) for measure, values in measures.items()}
            members.append(History(variant, seed, measures))
            validation, test = best + EXAMPLES, best + 0.01 + EXAMPLES * (1 + number / 9)
            losses[variant, seed] = ExampleLosses(unit * validation, unit * test)
    data = {"source": "this test", "test": 8, "validation_is_test": validation_is_test}
    return untrained(members, losses, data=data, parameters=160_305, epochs=4)


def write(results: Results, folder: Path) -> Path:
    """What can be loaded of a run folder."""
    folder.mkdir(exist_ok=True)
    run = RunFolder(folder)
    run.write_study(results.study)
    run.write_histories(results.histories)
    run.write_losses(results.losses)
    return folder


def saved(results: Results, folder: Path) -> Path:
    """A finished run folder, without models and figures."""
    write(results, folder)
    RunFolder(folder).complete(results.document())
    return folder
