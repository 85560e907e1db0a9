from __future__ import annotations

import numpy as np
import pytest

from labs import NUMBERS
from regulab.errors import InputError
from regulab.lab.authoring.guide_files import read_entries
from regulab.lab.authoring.loading import load
from regulab.lab.guide.catalogue import own_entries
from regulab.lab.guide.guide import Guide

# Code that really raises what an entry explains. It can use: keras, np, plt, x of shape (8, 4), y of shape (8, 1), and
# `net(units, activation, loss)`, a compiled network for them.
RAISED = {
    "labels-one-column": [
        "net().fit(x, y[:, 0], verbose=0)",
        # A network that has been trained before says something else.
        "model = net()\nmodel.fit(x[:4], y[:4], verbose=0)\nmodel.fit(x, y[:, 0], verbose=0)",
    ],
    "output-units": [
        "net(2).fit(x, y, verbose=0)",
        "net(2, 'softmax', 'categorical_crossentropy').fit(x, y, verbose=0)",
    ],
    "wrong-loss-for-labels": ["net(2, 'softmax', 'sparse_categorical_crossentropy', []).fit(x, y + 2, verbose=0)"],
    "name-not-made": ["x_train.shape"],
    "three-dots-left": [
        "... - 1",
        "(lambda dots: dots[0])(...)",
        "(...).history",
        "len(...)",
        "1 < ...",
        "net().fit(..., y)",
        "net().fit(x, y, epochs=..., verbose=0)",
    ],
    "nothing-returned": [
        "None.history",
        "(lambda it: it['loss'])(None)",
        "for each in None: pass",
        "(lambda it: it())(None)",
    ],
    "shapes-do-not-fit": ["net().fit(np.zeros((8, 5)), y, verbose=0)"],
    "different-numbers-of-rows": ["net().fit(x, y[:6], verbose=0)"],
    "not-compiled": ["keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]).fit(x, y)"],
    "not-built": ["keras.Sequential([keras.layers.Dense(1)]).count_params()"],
    "out-of-memory": ["np.zeros((10**9, 10**6))"],
    "kernel-stopped": ["raise KeyboardInterrupt"],
    "metric-not-recorded": ["{}['val_loss']", "{}['val_binary_crossentropy']", "{}['binary_crossentropy']"],
    "history-is-an-object": ["keras.callbacks.History()['loss']", "keras.callbacks.History().keys()"],
    "word-beyond-the-vocabulary": ["x[0][[4]] = 1"],
    "lists-of-different-lengths": ["np.array([[1], [2, 3]])"],
    "list-instead-of-array": ["net().fit([[0, 1], [2]], y)", "net().fit(x, np.array(['a'] * 8), verbose=0)"],
    "two-arrays-for-validation": ["net().fit(x, verbose=0)", "net().fit(x, y, validation_data=x, verbose=0)"],
    "arrays-do-not-match": ["np.zeros(3) + np.zeros(4)"],
    "cannot-reshape": ["np.zeros(5).reshape(2, -1)"],
    "plot-lengths-differ": ["plt.plot([1, 2], [1, 2, 3])"],
    "unknown-word-for-keras": [
        "keras.layers.Dense(1, activation='relo')",
        "net(1, 'sigmoid', 'binary_crossentropi').fit(x, y, verbose=0)",
        "keras.layers.Dense(1, kernel_regularizer='l3')",
    ],
    "unknown-argument": ["keras.layers.Dense(1, kernel_regulariser='l2')", "net().fit(x, y, epoch=3)"],
    "missing-argument": ["keras.layers.Dense()"],
    "layer-without-brackets": ["keras.Sequential([keras.layers.Dense])"],
    "input-shape-in-brackets": ["keras.Sequential([keras.Input(4)])"],
    "no-such-name-in-module": ["keras.layers.dense"],
    "no-such-module": ["import module_that_nobody_has"],
    "dropout-rate-range": ["keras.layers.Dropout(50)"],
    "optimizer-used-twice": [
        "adam = keras.optimizers.Adam()\n"
        "for each in 'ab':\n"
        "    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "    model.compile(adam, 'mse')\n"
        "    model.fit(x, y, verbose=0)"
    ],
    "brackets-or-colon": ["x = [1,", "if x\n  y", "  x = 1"],
}
CASES = [(name, code) for name, codes in RAISED.items() for code in codes]


@pytest.fixture(scope="module")
def guide():
    return Guide(load("avoid-overfitting"))


@pytest.fixture(scope="module")
def given():
    import keras
    import matplotlib.pyplot as plt

    def net(units=1, activation="sigmoid", loss="binary_crossentropy", metrics=("binary_crossentropy",)):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
        model.compile("adam", loss, metrics=list(metrics))
        return model

    yield {"keras": keras, "np": np, "plt": plt, "net": net, "x": np.zeros((8, 4), "float32"), "y": np.zeros((8, 1))}
    plt.close("all")


def raised(code, given):
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - the entry says which
        exec(compile(code, "cell", "exec"), dict(given))
    return type(caught.value).__name__, str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), CASES, ids=[f"{name}: {code[:30]}" for name, code in CASES])
def test_an_error_that_is_really_raised_finds_its_entry(guide, given, name, code):
    answer = guide.explain(*raised(code, given))
    assert answer["source"] is not None
    assert answer["source"]["id"] == name
    assert "{" not in answer["html"].replace("metrics={", "")


def test_running_out_of_memory_in_tensorflow_is_explained(guide):
    message = "OOM when allocating tensor with shape[25000,10000] and type float on /job:localhost"
    assert guide.explain("ResourceExhaustedError", message)["source"]["id"] == "out-of-memory"


def test_every_entry_about_an_error_is_tested():
    assert {entry.id for entry in own_entries() if entry.errors} == RAISED.keys()


def test_every_entry_is_found_by_the_questions_it_answers(guide):
    for entry in guide.entries:
        for question in entry.asked:
            assert entry.id in [passage.source.id for passage in guide.answers(question)], question


def test_the_explanation_names_the_variable_of_the_message(guide):
    answer = guide.explain("NameError", "name 'y_train' is not defined")
    assert "<code>y_train</code>" in answer["html"]
    assert answer["made"]["id"] == "data"
    assert guide.explain("NameError", "name 'nobody' is not defined")["made"] is None


def test_a_message_cannot_add_markup_to_the_explanation(guide):
    answer = guide.explain("NameError", "name '`<img src=x>` **b**' is not defined")
    assert "<img" not in answer["html"]
    assert "<strong>b" not in answer["html"]


@pytest.mark.parametrize("error", [("OddError", "odd"), ("ValueError", ""), ("ValueError", "x" * 1_000_000), ("", "")])
def test_an_error_that_no_entry_fits_is_not_explained(guide, error):
    assert guide.explain(*error) == {"source": None, "html": "", "made": None}


def test_a_session_can_have_entries_of_its_own():
    guide = Guide(load(str(NUMBERS)))
    answer = guide.explain("TypeError", 'can only concatenate str (not "int") to str')
    assert answer["source"]["title"] == "A rate has no unit"
    assert "<code>int</code>" in answer["html"]


def test_a_sessions_entry_replaces_regulabs_entry_of_the_same_name(tmp_path):
    from dataclasses import replace

    (tmp_path / "name-not-made.md").write_text("---\ntitle: Mine\nerror: NameError\n---\nMy own words.\n")
    guide = Guide(replace(load(str(NUMBERS)), guide=read_entries(tmp_path)))
    assert guide.explain("NameError", "name 'x' is not defined")["source"]["title"] == "Mine"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No title.\n", "mine.md, line 1: Expected a title between two lines of three hyphens"),
        ("---\ntitle: A\n---\n", "mine.md, line 3: There is no explanation"),
        ("---\ntitle: A\nerorr: NameError\n---\nText.\n", "mine.md, line 3: No key 'erorr'"),
        ("---\nerror: NameError\n---\nText.\n", "mine.md, line 2: The key 'title' is missing"),
        ("---\ntitle: A\nsays: b\n---\nText.\n", "mine.md, line 3: `says` needs `error`"),
        (
            "---\ntitle: A\nerror: E\nsays: '{a} b'\n---\nText.\n",
            "mine.md, line 4: Expected a part of a message that starts with words",
        ),
        ("---\ntitle: A\nasked: [3]\n---\nText.\n", "mine.md, line 3: Expected 'asked' as text"),
    ],
)
def test_a_mistake_in_an_entry_is_reported_with_its_line(tmp_path, text, words):
    (tmp_path / "mine.md").write_text(text)
    with pytest.raises(InputError) as caught:
        read_entries(tmp_path)
    assert words in str(caught.value)
