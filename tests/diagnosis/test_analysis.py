from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from made import made
from regulab.diagnosis import curve
from regulab.diagnosis.analysis import analyze
from regulab.diagnosis.diagnose import diagnose_history
from regulab.histories.history import History

LOSSES = {"loss": (0.6, 0.3, 0.2, 0.1, 0.05), "val_loss": (0.6, 0.4, 0.5, 0.6, 0.7)}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of the expensive functions is called, once for each curve that it is called with."""
    counted: Counter[str] = Counter()

    def counting(name: str, function: Any) -> Any:
        def count(values: np.ndarray, **options: Any) -> Any:
            counted[name] += 1
            return function(values, **options)

        return count

    for name in ("trend", "rise", "recent_gain"):
        monkeypatch.setattr(curve, name, counting(name, getattr(curve, name)))
    return counted


def test_one_curve_is_analyzed_once_however_many_checks_ask(calls: Counter[str]) -> None:
    diagnose_history(History("log", 0, LOSSES))
    # A trend for each of the two losses; only validation loss is tested for a rise.
    assert calls["trend"] == 2
    assert calls["rise"] == 1
    assert calls["recent_gain"] <= 2


def test_results_analyze_each_training_once_for_all_their_answers(calls: Counter[str]) -> None:
    results = made(seeds=2)
    for _ in range(2):
        results.summary()
        results.findings()
        results.conclusion()
        results.document()
    assert calls["trend"] == 2 * len(results.histories)
    assert calls["rise"] == len(results.histories)


def test_curves_keep_the_epochs_that_have_a_value() -> None:
    nan = float("nan")
    analysis = analyze(History("log", 0, {"loss": (0.5, nan, 0.3, 0.2), "val_loss": (nan, 0.4, nan, 0.3)}))
    assert (analysis.training.epochs.tolist(), analysis.validation.epochs.tolist()) == ([0, 2, 3], [1, 3])
    assert analysis.paired is not None
    training, validation = analysis.paired
    assert (training.values.tolist(), validation.values.tolist()) == ([0.2], [0.3])


def test_losses_of_different_lengths_are_not_paired() -> None:
    assert analyze(History("log", 0, {"loss": (0.5, 0.4)})).paired is None
