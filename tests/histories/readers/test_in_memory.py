from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.histories.history import Histories, History
from regulab.histories.readers.in_memory import to_histories, to_history

NAN = math.nan
LOSSES = {"loss": [0.5, 0.25], "val_loss": [0.5, 0.75]}
READ = {"loss": (0.5, 0.25), "val_loss": (0.5, 0.75)}


def test_an_object_with_a_history_reads_as_keras_history() -> None:
    assert to_history(SimpleNamespace(history=LOSSES), name="l2", seed=3) == History("l2", 3, READ)


def test_a_dict_of_lists_or_arrays_reads() -> None:
    assert to_history({"loss": np.array([0.5, 0.25], dtype="float32")}, name="a").measures == {"loss": (0.5, 0.25)}


def test_a_regulab_history_is_renamed() -> None:
    assert to_history(History("x", 7, READ), name="y", seed=1) == History("y", 1, READ)


def test_a_csv_logger_frame_reads_without_its_epoch_column() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"epoch": [0, 1], "loss": [0.5, 0.25], "val_loss": ["NA", 0.75]})
    history = to_history(frame, name="baseline")
    assert history.measures["loss"] == (0.5, 0.25)
    assert math.isnan(history.measures["val_loss"][0])
    assert history.measures["val_loss"][1] == 0.75
    assert set(history.measures) == {"loss", "val_loss"}


def test_a_metric_per_class_is_left_out() -> None:
    source = {"loss": [0.5, 0.25], "f1_score": [np.array([0.1, 0.2]), np.array([0.3, 0.4])], "note": ["a", "b"]}
    assert set(to_history(source, name="a").measures) == {"loss"}


def test_validation_every_second_epoch_is_spread_out() -> None:
    history = to_history({"loss": [5, 4, 3, 2], "val_loss": [4.5, 2.5]}, name="a")
    epochs = [epoch for epoch, value in enumerate(history.measures["val_loss"]) if value == value]
    assert epochs == [1, 3]
    assert history.notes == (
        "val_loss: 2 values in 4 epochs, read as measured after epochs 2 and 4. "
        "If that is wrong, write null (None) where nothing was measured.",
    )


def test_what_was_never_measured_is_left_out_and_nan_is_kept() -> None:
    history = to_history({"loss": [0.5, None], "val_loss": [None, "NA"], "val_mae": [NAN, NAN]}, name="a")
    assert repr(history.measures) == repr({"loss": (0.5, NAN), "val_mae": (NAN, NAN)})
    assert history.notes == ()
    with pytest.raises(InputError, match="at least one epoch"):
        to_history({"loss": [None, None]}, name="a")


def test_lengths_that_fit_no_single_frequency_are_refused() -> None:
    with pytest.raises(InputError, match=r"3 values of 'val_loss' in 4 epochs"):
        to_history({"loss": [5, 4, 3, 2], "val_loss": [4, 3, 2]}, name="a")


@pytest.mark.parametrize("source", [None, 3, "history.csv", object()])
def test_what_is_not_a_history_is_named(source: object) -> None:
    with pytest.raises(InputError, match=rf"Expected a Keras History.* for 'a'\. Received: {type(source).__name__}"):
        to_history(source, name="a")


@pytest.mark.parametrize("source", [{"loss": []}, {"loss": 0.5}, {"epoch": [0, 1]}])
def test_a_history_without_an_epoch_is_refused(source: object) -> None:
    with pytest.raises(InputError, match="at least one epoch"):
        to_history(source, name="a")


def test_a_single_history_of_any_kind_gets_a_name() -> None:
    for source in (LOSSES, SimpleNamespace(history=LOSSES)):
        assert to_histories(source) == Histories((History("model", 0, READ),))


def test_a_single_regulab_history_keeps_its_name() -> None:
    assert to_histories(History("l2", 4, READ)).variants == ("l2",)


def test_a_mapping_of_names_keeps_its_order_and_counts_lists_as_seeds() -> None:
    read = to_histories({"l2": LOSSES, "baseline": [SimpleNamespace(history=LOSSES), LOSSES]})
    assert [(member.variant, member.seed) for member in read] == [("l2", 0), ("baseline", 0), ("baseline", 1)]


def test_pairs_of_name_and_history_read() -> None:
    assert to_histories([("baseline", LOSSES), ("bigger", LOSSES)]).variants == ("baseline", "bigger")


def test_a_list_of_nameless_histories_is_refused() -> None:
    with pytest.raises(InputError, match="pairs"):
        to_histories([LOSSES, LOSSES, LOSSES])


@pytest.mark.parametrize("nothing", [{}, [], [("baseline", [])]])
def test_no_history_at_all_is_refused(nothing: object) -> None:
    with pytest.raises(InputError, match="at least one history"):
        to_histories(nothing)


def test_a_wrong_item_among_named_histories_is_named() -> None:
    with pytest.raises(InputError, match="for 'l2'"):
        to_histories({"baseline": LOSSES, "l2": None})
