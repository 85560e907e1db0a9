from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from regulab.data import frame
from regulab.errors import InputError

pandas = pytest.importorskip("pandas")


@pytest.fixture
def table() -> Any:
    return pandas.DataFrame(
        {"age": range(10), "height": np.linspace(1, 2, 10), "smokes": [True, False] * 5, "ill": [0, 1] * 5}
    )


def test_all_other_columns_are_features_in_their_order(table: Any) -> None:
    data = frame(table, target="ill", validation=table.assign(age=99))
    assert data.train.x.dtype == np.float32
    assert data.train.x[2].tolist() == [2.0, np.float32(1 + 2 / 9), 1.0]
    assert data.train.y.tolist() == [0, 1] * 5
    assert data.validation.x[:, 0].tolist() == [99] * 10


def test_the_weight_column_is_no_feature(table: Any) -> None:
    data = frame(table, target="ill", sample_weight="age", test=0.2)
    assert data.train.x.shape == (6, 2)
    assert sorted(np.concatenate([split.sample_weight for _, split in data.splits()])) == list(range(10))
    assert data.source.startswith("a data frame in memory; validation: 20% of the rows")


def test_columns_of_another_frame_are_taken_by_name(table: Any) -> None:
    shuffled = table[["ill", "smokes", "height", "age"]]
    data = frame(table, target="ill", validation=shuffled, test=shuffled.assign(more="text"))
    assert data.validation.x.tolist() == data.train.x.tolist() == data.test.x.tolist()


def test_nullable_columns_without_gaps_are_numbers(table: Any) -> None:
    data = frame(table.astype({"age": "Int64", "smokes": "boolean", "ill": "Int64"}), target="ill")
    assert (data.train.x.shape, data.train.y.dtype.kind) == ((6, 3), "i")


@pytest.mark.parametrize("kind", ["float64", "Int64", "Float32"])
def test_missing_features_are_refused_with_their_row(table: Any, kind: str) -> None:
    table["age"] = pandas.Series([1, 2, None, 4, 5, 6, 7, 8, 9, None]).astype(kind)
    with pytest.raises(InputError, match=r"finite features in 'frame'\. Received: 2 NaN .*, the first in row 2\. Fill"):
        frame(table, target="ill")


def test_missing_labels_are_refused(table: Any) -> None:
    table["ill"] = [0, None] * 5
    with pytest.raises(InputError, match=r"finite labels in 'frame'\. Received: 5 NaN .* row 1"):
        frame(table, target="ill")


def test_columns_that_are_no_numbers_are_all_named(table: Any) -> None:
    table = table.assign(
        town="x", kind=pandas.Categorical(["a", "b"] * 5), born=pandas.Timestamp("2020-01-01"), mixed=[None, *range(9)]
    ).astype({"mixed": object})
    with pytest.raises(InputError, match=r"Received: text, categories, .* in town, kind, born, mixed\. .*get_dummies"):
        frame(table, target="ill")


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"target": "sick"}, r"No column 'sick'\. Available: age, height, smokes, ill"),
        ({}, {"target": "ill", "sample_weight": "w"}, r"No column 'w'\. Available"),
        ({"ill": "yes"}, {"target": "ill"}, r"numeric target\. Received: 'ill' of dtype .*cat\.codes"),
        ({}, {"target": "ill", "validation": 10}, r"Received: 10, a whole number"),
        ({}, {"target": "ill", "validation": "tst"}, r"Received: 'tst'"),
        ({"w": "much"}, {"target": "ill", "sample_weight": "w"}, r"numbers as sample weights in 'frame'"),
    ],
)
def test_frames_that_do_not_fit_are_refused(
    table: Any, changes: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        frame(table.assign(**changes), **options)


def test_a_validation_frame_needs_the_same_columns(table: Any) -> None:
    with pytest.raises(InputError, match=r"columns of the training frame\. Received: one without height"):
        frame(table, target="ill", validation=table.drop(columns="height"))


def test_a_frame_of_labels_alone_is_refused(table: Any) -> None:
    with pytest.raises(InputError, match=r"at least one column of features\. Received: only 'ill'"):
        frame(table[["ill"]], target="ill")


def test_a_duplicate_column_is_refused(table: Any) -> None:
    twice = pandas.concat([table, table[["age"]]], axis=1)
    with pytest.raises(InputError, match=r"each column once\. Received: age more than once"):
        frame(twice, target="ill")


def test_an_empty_frame_is_refused(table: Any) -> None:
    with pytest.raises(InputError, match="Received: 0 rows"):
        frame(table[:0], target="ill")


@pytest.mark.parametrize("given", [{"age": [1]}, [[1]], None])
def test_values_that_are_not_frames_are_refused(given: object) -> None:
    with pytest.raises(InputError, match=rf"Expected a pandas DataFrame\. Received: {type(given).__name__}"):
        frame(given, target="age")
