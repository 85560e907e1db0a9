"""The tutorial's code, executed in order, as a reader would."""

from __future__ import annotations

from pathlib import Path

import jupytext
import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


@pytest.fixture(scope="module")
def after() -> dict:
    """What the tutorial's code leaves behind."""
    keras.utils.set_random_seed(0)
    namespace: dict = {"__name__": "tutorial"}
    notebook = jupytext.read(PAGE)
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        exec(compile(cell.source, f"{PAGE.name}, block {number}", "exec"), namespace)
    plt.close("all")
    return namespace


@pytest.mark.slow
def test_the_tutorial_runs_from_top_to_bottom(after, capsys) -> None:
    assert after["repaired"].count_params() == after["model"].count_params()


@pytest.mark.slow
def test_the_tutorial_shows_what_it_says(after) -> None:
    data_loss = {
        name: np.array(after[f"{name}_history"].history["val_binary_crossentropy"])
        for name in ("baseline", "smaller", "bigger", "l2", "dropout")
    }
    assert data_loss["baseline"][-1] > 1.1 * data_loss["baseline"].min(), "the baseline overfits"
    assert data_loss["bigger"].argmin() < data_loss["baseline"].argmin(), "the bigger one turns first"
    assert data_loss["bigger"][-1] > data_loss["baseline"][-1], "and rises furthest"
    assert data_loss["l2"][-1] < data_loss["baseline"][-1], "L2 forgives training too long"
    assert after["penalty"][-1] < after["penalty"][after["turn"]], "the penalty falls"
    assert after["measured"]["binary_crossentropy"] < after["printed"]["binary_crossentropy"][-1]


@pytest.mark.slow
def test_both_kinds_of_dropout_agree_with_their_test_time(after) -> None:
    np.testing.assert_allclose(after["classic_training"], after["classic_test"], rtol=0.01)
    np.testing.assert_allclose(after["inverted_training"], after["inverted_test"], rtol=0.01)
    np.testing.assert_allclose(np.unique(after["ones"]), [0, 1.25], rtol=1e-6)


def test_the_tutorial_says_that_its_data_is_synthetic() -> None:
    assert "synthetic" in PAGE.read_text(encoding="utf-8").partition("## The data")[0]
