from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from regulab.lab.grading.fact_names import FACTS, names_for
from regulab.lab.grading.wording import KIND_WORDS
from regulab.lab.kernel.facts import read
from regulab.lab.kernel.facts_source import fits_behind


def facts(value: Any) -> dict[str, Any]:
    return json.loads(read({"value": value}, "value"))


class Evil(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class EvilList(list[Any]):
    def __len__(self) -> int:
        return 20


def test_kinds_go_by_the_exact_type() -> None:
    assert facts(40) == {"there": True, "kind": "number", "type": "int", "value": 40}
    assert facts(np.float32(0.5))["value"] == 0.5
    assert facts(True)["kind"] == "truth"
    assert facts(None)["kind"] == "nothing"
    assert facts(...) == {"there": False, "kind": "placeholder", "type": "ellipsis"}
    assert facts(lambda a, b: a)["parameters"] == ["a", "b"]
    assert json.loads(read({}, "value"))["kind"] == "missing"


@pytest.mark.parametrize("value", [40, "a", True, None, ..., [1], {"a": 1}, np.eye(2), len, lambda a: a, object()])
def test_each_kind_has_exactly_the_facts_that_its_list_names(value: Any) -> None:
    of_value = facts(value)
    assert set(of_value) == names_for([of_value["kind"]])


def test_every_kind_has_a_list_of_facts_and_the_documentation_names_them() -> None:
    assert set(FACTS) == set(KIND_WORDS)
    (page,) = (Path(__file__).parents[3] / "docs").rglob("sessions.md")
    lines = page.read_text(encoding="utf-8").split("\n")
    rows = dict(line[2:].split(" | ", 1) for line in lines if line.startswith("| `"))
    for kind, names in FACTS.items():
        (row,) = (text for kinds, text in rows.items() if f"`{kind}`" in kinds)
        assert {name for name in names if f"`{name}`" not in row} == set()


def test_an_object_that_equals_everything_is_no_number_and_no_list() -> None:
    assert facts(Evil(3)) == {"there": True, "kind": "other", "type": "Evil"}
    assert facts(EvilList([1])) == {"there": True, "kind": "other", "type": "EvilList"}
    assert facts([Evil(3)])["values"] == [None]
    assert facts({"a": Evil(3)})["values"]["a"]["kind"] == "other"


def test_numbers_that_are_not_finite_are_null() -> None:
    assert facts(float("nan"))["value"] is None
    assert facts([1.0, float("inf")])["values"] == [1.0, None]
    assert facts(10**400)["value"] is None


def test_an_array_has_its_shape_and_the_nonzero_columns_of_its_first_rows() -> None:
    array = facts(np.array([[0, 1, 1], [1, 0, 0]], "float32"))
    assert (array["shape"], array["dtype"], array["rows"], array["others"]) == ([2, 3], "float32", [[1, 2], [0]], False)
    assert facts(np.array([[0, 2.0]]))["others"] is True
    assert facts(np.array(["a"], dtype=object))["kind"] == "array"


def test_a_large_array_is_read_by_some_of_its_rows() -> None:
    assert len(read({"x": np.ones((5_000, 1_000), "float32")}, "x")) < 50_000


def test_no_row_of_an_array_counts_twice() -> None:
    array = facts(np.r_[np.zeros(150), np.ones(150)])
    assert (array["ones"], array["low"], array["high"]) == (0.5, 0, 1)
    assert facts(np.r_[np.zeros(100), np.ones(200)])["ones"] == pytest.approx(2 / 3)
    # Of many rows, those at both ends.
    assert facts(np.r_[np.zeros(200), np.full(1_000, 7), np.ones(200)])["ones"] == 0.5


@pytest.mark.parametrize("shape", [(20, 2_000, 2_000), (1, 90_000_000), (2, 45_000_000), (90_000_000,)])
def test_an_array_of_large_rows_is_read_by_some_of_its_values(shape: tuple[int, ...], monkeypatch: Any) -> None:
    looked_at = []
    concatenate = np.concatenate
    monkeypatch.setattr(np, "concatenate", lambda parts: looked_at.extend(parts) or concatenate(parts))
    array = facts(np.broadcast_to(np.uint8(1), shape))
    assert (array["ones"], array["shape"]) == (1, list(shape))
    assert 0 < sum(part.size for part in looked_at) <= 4_000_000


def test_a_zero_dimensional_array_is_a_plain_value() -> None:
    assert (facts(np.array(0.5))["kind"], facts(np.array(0.5))["value"]) == ("number", 0.5)
    assert (facts(np.array(True))["kind"], facts(np.array(True))["value"]) == ("truth", True)


def test_reading_a_list_that_holds_itself_ends() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    assert facts(loop)["length"] == 2


def test_axes_have_their_lines_and_labels() -> None:
    ax = Figure().subplots()
    ax.plot([1, 2], [0.5, 0.25], ":", label="training")
    ax.set_xlabel("epoch")
    axes = facts(ax)
    assert axes["lines"][0]["values"] == [0.5, 0.25]
    assert (axes["lines"][0]["label"], axes["lines"][0]["style"], axes["xlabel"]) == ("training", ":", "epoch")
    assert set(axes) == names_for(["axes"])


def test_categories_and_dates_on_axes_are_read_as_numbers() -> None:
    for drawn, values in (
        (["low", "high", "low"], [0.0, 1.0, 0.0]),
        ([date(1970, 1, 3)], [2.0]),
        ([None, 1.5], [None, 1.5]),
    ):
        ax = Figure().subplots()
        ax.plot(range(len(drawn)), drawn)
        assert facts(ax)["lines"][0]["values"] == values


CELLS = [
    "",
    "%matplotlib inline",
    "def train(model):\n    return model.fit(x_test[:10], y_test, validation_data=(x_val, y_val))",
    "h = train(build())",
]


def test_the_arrays_handed_to_fit_are_read_from_the_cells() -> None:
    expected = {"x": "x_test", "y": "y_test", "validation_x": "x_val", "validation_y": "y_val"}
    assert fits_behind("h", CELLS) == [expected]
    assert fits_behind("other", CELLS) == []


def test_only_the_last_assignment_counts() -> None:
    assert fits_behind("h", [*CELLS, "h = m.fit(x=x_train, y=y_train)"])[0]["x"] == "x_train"


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras

    return keras


def test_layers_have_the_same_facts_however_the_model_was_built(keras: Any) -> None:
    layers = keras.layers
    strong = keras.regularizers.L2(1e-3)
    sequential = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, activation="relu", kernel_regularizer=strong),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    inputs = keras.Input((3,))
    hidden = layers.Activation("relu")(layers.Dense(4, kernel_regularizer=keras.regularizers.L1L2(l2=0.001))(inputs))
    outputs = layers.Dense(1, activation="sigmoid")(layers.Dropout(0.5)(hidden))
    functional = keras.Model(inputs, outputs)
    nested = keras.Sequential([keras.Input((3,)), keras.Sequential(sequential.layers[:2]), sequential.layers[2]])

    def layer_facts(model: Any) -> list[dict[str, Any]]:
        return [{k: v for k, v in layer.items() if k != "name"} for layer in facts(model)["layers"]]

    assert layer_facts(sequential) == layer_facts(functional) == layer_facts(nested)
    assert [layer["kind"] for layer in layer_facts(sequential)] == ["Dense", "Dropout", "Dense"]
    assert (
        layer_facts(sequential)[0] | {"l2": 0.001, "l1": 0.0, "units": 4, "activation": "relu"}
        == layer_facts(sequential)[0]
    )
    assert (facts(sequential)["form"], facts(functional)["form"]) == ("Sequential", "Functional")


def test_a_custom_layer_is_not_taken_for_keras_own(keras: Any) -> None:
    class Dense(keras.layers.Dense):  # type: ignore[misc, name-defined]
        def get_config(self) -> dict[str, Any]:
            return {"units": 16}

    network = facts(keras.Sequential([keras.Input((3,)), Dense(1)]))
    assert [(layer["kind"], layer.get("units")) for layer in network["layers"]] == [("own", None)]


def test_the_string_l2_has_the_strength_that_keras_gives_it(keras: Any) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_regularizer="l2")])
    assert facts(model)["layers"][0]["l2"] == 0.01


def test_a_history_has_its_values_and_its_model(keras: Any) -> None:
    history = keras.callbacks.History()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("adam", "bce")
    history.set_model(model)
    history.epoch, history.history = [0, 1], {"loss": [1.0, float("nan")]}
    training = facts(history)
    assert (training["kind"], training["epochs"], training["keys"], training["values"]) == (
        "history",
        2,
        ["loss"],
        {"loss": [1.0, None]},
    )
    assert training["model"]["id"] == facts(model)["id"]
    assert training["model"]["loss"] == "binary_crossentropy"
    assert set(training) == names_for(["history"])
    assert set(facts(model)) == names_for(["model"])
