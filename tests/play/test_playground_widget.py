from __future__ import annotations

import importlib.util
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import regulab as rl
from regulab.errors import InputError, MissingDependencyError
from regulab.play import playground

X, Y = np.random.default_rng(0).random((60, 5)).astype("float32"), np.arange(60) % 2


def build():
    layers = [keras.Input((5,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile("adam", "binary_crossentropy")
    return model


@pytest.fixture
def notebook(monkeypatch):
    """A kernel that runs cells, as far as the playground asks for it."""
    ipython = SimpleNamespace(kernel=object(), user_ns={})
    monkeypatch.setattr(playground, "shell", lambda: ipython)
    monkeypatch.setattr("regulab.play.widget.shell", lambda: ipython)
    return ipython


def opened(notebook, *, epochs=1):
    return rl.playground(build, notebook.user_ns["reviews"], epochs=epochs, batch_size=16)


@pytest.fixture
def play(notebook):
    notebook.user_ns["reviews"] = rl.data.arrays(X, Y, validation=0.3)
    play = opened(notebook, epochs=2)
    play.runs.join()
    yield play
    play.runs.stop()
    play.runs.join()


def test_the_model_is_trained_as_it_was_built_as_soon_as_the_cell_runs(play):
    (run,) = play.runs.view.runs
    assert (run.settings.label, run.state, run.history.epochs) == ("as built", "done", 2)
    assert 'data-run="1"' in play.chart.value
    assert play.status.text.startswith("Run 1 (as built)")
    assert play.train.description == "Train"


def test_moving_a_slider_begins_another_run_and_leaves_the_ghost(play):
    play.sliders["l2"].value = 0.001
    play.runs.join()
    assert [run.settings.label for run in play.runs.view.runs] == ["as built", "L2 0.001"]
    assert 'class="rlp-ghost" data-run="1"' in play.chart.value
    assert "as built" in play.table.value
    play.clear.click()
    assert "as built" not in play.table.value
    assert play.clear.disabled


def test_stop_becomes_train(play):
    play.sliders["epochs"].value = 100
    assert play.train.description == "Stop"
    play.train.click()
    assert play.train.description == "Train"
    assert not play.runs.view.busy


def test_without_a_notebook_frontend_the_code_is_shown_to_be_copied(play):
    play.sliders["width"].value = 2.0
    play.code.click()
    assert play.text.layout.display == ""
    assert "keras.layers.Dense(8" in play.text.value
    assert "reviews.train.x" in play.text.value


def test_in_a_notebook_the_code_goes_into_a_new_cell(play, monkeypatch):
    sent = []
    offered = ["notebook:insert-cell-below", "notebook:replace-selection"]
    registry = "ipylab.commands.CommandRegistry"
    monkeypatch.setattr(f"{registry}.list_commands", lambda self: offered)
    monkeypatch.setattr(f"{registry}.execute", lambda self, name, args=None: sent.append((name, args)))
    play.code.click()
    assert [name for name, _ in sent] == offered
    assert sent[1][1] == {"text": play.source()}
    assert play.text.layout.display == "none"


def test_a_second_playground_stops_the_first(play, notebook):
    play.sliders["epochs"].value = 100
    second = opened(notebook)
    assert not play.runs.view.busy
    second.runs.join()
    play.runs.join()


def test_a_playground_that_failed_to_open_does_not_break_a_later_one(play, notebook, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("regulab.play.widget.Runs", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            opened(notebook)
    later = opened(notebook)
    later.runs.join()
    assert later.runs.view.runs[-1].state == "done"


def test_outside_of_a_notebook_it_says_what_to_use():
    with pytest.raises(InputError, match=r"Expected a Jupyter notebook .* `regulab lab` opens one"):
        rl.playground(build, rl.data.arrays(X, Y))


@pytest.mark.parametrize("missing", ["ipywidgets", "anywidget", "ipylab"])
def test_without_the_widgets_it_says_how_to_install_them(monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == missing else find(name, *rest))
    with pytest.raises(MissingDependencyError, match=rf"The playground needs {missing}\. .*regulab\[lab\]"):
        rl.playground(build, rl.data.arrays(X, Y))


def test_rl_playground_imports_no_widgets_until_it_is_called():
    heavy = {"ipywidgets", "keras", "IPython"}
    code = f"import sys, regulab as rl; rl.playground; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
