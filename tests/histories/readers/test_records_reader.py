from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.readers import read_log, text

NAN = math.nan
KERAS = {"loss": [0.5, 0.25], "accuracy": [0.5, 0.75], "val_loss": [0.5, 0.75], "val_accuracy": [0.5, 0.25]}
READ = {key: tuple(values) for key, values in KERAS.items()}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., History]:
    """Reads a log of a single run from its content, under a name that tells nothing."""

    def read_one(content: Any, **options: str) -> History:
        path = tmp_path / "log.dat"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        (history,) = read_log(path, **options)
        return history

    return read_one


@pytest.mark.parametrize(
    "document",
    [
        KERAS,
        {"history": KERAS, "params": {"epochs": 2}, "epoch": [0, 1]},
        {**KERAS, "epoch": [0, 1]},
        {key: dict(enumerate(values)) for key, values in KERAS.items()},
        [{key: values[epoch] for key, values in KERAS.items()} for epoch in range(2)],
        [{"epoch": epoch, **{key: values[epoch] for key, values in KERAS.items()}} for epoch in range(2)],
    ],
    ids=["dict", "history", "epochs", "frame", "records", "numbered records"],
)
def test_keras_history_reads_in_every_form(read, document) -> None:
    history = read(document)
    assert (history.variant, history.measures, history.notes) == ("log.dat", READ, ())


def test_measures_within_their_split_read(read) -> None:
    splits = {"train": {"loss": [5, 4], "acc": [1, 1]}, "val": {"loss": [6, 7], "acc": [0, 1]}}
    expected = {"loss": (5, 4), "accuracy": (1, 1), "val_loss": (6, 7), "val_accuracy": (0, 1)}
    assert read(splits).measures == expected
    assert read({"epoch": [1, 2], **splits}).measures == expected
    records = [
        {"epoch": 0, "train": {"loss": 5, "acc": 1}, "val": {"loss": 6, "acc": 0}},
        {"epoch": 1, "train": {"loss": 4, "acc": 1}, "val": {"loss": 7, "acc": 1}},
    ]
    assert read(records).measures == expected


def test_histories_under_names_are_told_apart(tmp_path) -> None:
    path = tmp_path / "all.json"
    path.write_text('{"baseline": {"loss": [0.5]}, "l2": {"history": {"loss": [0.25]}}}')
    assert [(history.variant, history.measures) for history in read_log(path)] == [
        ("baseline", {"loss": (0.5,)}),
        ("l2", {"loss": (0.25,)}),
    ]
    path.write_text('[{"loss": [0.5]}, {"loss": [0.25]}]')
    assert [(history.variant, history.measures) for history in read_log(path)] == [
        ("all.json (1)", {"loss": (0.5,)}),
        ("all.json (2)", {"loss": (0.25,)}),
    ]
    path.write_text('{"train": {"loss": [0.5], "val_loss": [0.25]}}')
    assert [history.variant for history in read_log(path)] == ["train"]


def test_nothing_measured_is_nan(read) -> None:
    history = read('{"loss": [0.5, NaN, Infinity], "val_loss": [0.5, null, 0.25]}')
    assert repr(history.measures) == repr({"loss": (0.5, NAN, math.inf), "val_loss": (0.5, NAN, 0.25)})


def test_epochs_written_twice_or_not_at_all_are_told(read) -> None:
    history = read({"epoch": [0, 1, 1, 4], "loss": [4, 3, 2, 1]})
    assert repr(history.measures["loss"]) == repr((4.0, 2.0, NAN, NAN, 1.0))
    assert [note.split(" in the log")[0] for note in history.notes] == [
        "Epoch 2 stands",
        "Epochs 3 and 4 are missing",
    ]


def test_records_may_lack_a_measure(read) -> None:
    history = read([{"epoch": 1, "train_loss": 0.5}, {"epoch": 2, "train_loss": 0.25, "valid_loss": 0.5}])
    assert repr(history.measures) == repr({"loss": (0.5, 0.25), "val_loss": (NAN, 0.5)})


def test_a_metric_per_class_is_left_out_and_told(read) -> None:
    history = read({"loss": [0.5, 0.25], "f1": [[0.1, 0.2], [0.3, 0.4]]})
    assert (set(history.measures), history.notes) == ({"loss"}, ("Left out f1: not one number an epoch.",))


def test_a_measure_of_fewer_values_is_spread_out_and_told(read) -> None:
    history = read({"loss": [5, 4, 3, 2], "val_loss": [4, 2], "val_accuracy": [0.5, 0.75]})
    assert repr(history.measures["val_loss"]) == repr((NAN, 4.0, NAN, 2.0))
    assert history.notes == (
        "val_loss, val_accuracy: 2 values in 4 epochs, read as measured after epochs 2 and 4. "
        "If that is wrong, write null (None) where nothing was measured.",
    )


def test_columns_with_rows_of_their_own_for_validation_are_gathered_by_epoch(read) -> None:
    history = read({"epoch": [0, 0, 1, 1], "train_loss": [0.5, None, 0.25, None], "val_loss": [None, 0.5, None, 0.75]})
    assert history.measures == {"loss": (0.5, 0.25), "val_loss": (0.5, 0.75)}


LINES = [json.dumps({"epoch": epoch, **{key: values[epoch] for key, values in KERAS.items()}}) for epoch in range(2)]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_record_in_every_line_reads(read, end) -> None:
    history = read("\n".join(LINES) + end)
    assert (history.measures, history.notes) == (READ, ())


def test_a_line_alone_reads_and_one_cut_short_does_not_count(read) -> None:
    assert read(LINES[0] + "\n").measures == {key: values[:1] for key, values in READ.items()}
    history = read("\n".join(LINES) + '\n{"epoch": 2, "lo')
    assert (history.measures, history.notes) == (READ, ("Left out the last line, which was cut short.",))


def test_a_line_with_something_else_is_named(read) -> None:
    with pytest.raises(InputError, match=r"in every line of .*Received: '\{\\?\"epoch\\?\": 2, \\?\"lo' in line 3\."):
        read("\n".join([*LINES, '{"epoch": 2, "lo', *LINES]))
    with pytest.raises(InputError, match=r"Received: '\[1\]' in line 2\."):
        read(f"{LINES[0]}\n[1]")


@pytest.mark.parametrize("other", ['{"version": "1.2", "seed": 3, "host": "a"}', '{"test_loss": 0.5}'])
@pytest.mark.parametrize("position", [0, 2])
def test_a_record_about_something_else_is_no_epoch(read, other, position) -> None:
    history = read("\n".join([*LINES[:position], other, *LINES[position:]]))
    assert (history.measures, history.notes) == (READ, ("Left out a record without an epoch.",))


def test_records_of_which_some_lack_their_epoch_count_as_one_each(read) -> None:
    history = read([{"epoch": 5, "loss": 3}, {"loss": 2}])
    assert history.measures == {"loss": (3.0, 2.0)}
    assert history.notes == ("Some records have no epoch: each counts as one.",)


def test_records_with_steps_alone_end_an_epoch_with_each_validation(read) -> None:
    history = read(
        "".join(
            json.dumps(record) + "\n"
            for record in ({"step": 1, "loss": 3}, {"step": 2, "loss": 1}, {"step": 2, "val_loss": 2.5})
        )
    )
    assert history.measures == {"loss": (2.0,), "val_loss": (2.5,)}
    assert history.notes[0] == "There is no column with the epoch: each validation counts as the end of one."


def test_fractions_of_an_epoch_in_records_belong_to_it(read) -> None:
    history = read([{"epoch": half / 2, "loss": half} for half in range(1, 5)])
    assert history.measures == {"loss": (1.5, 3.5)}


@pytest.mark.parametrize("loss", ["eval_loss", "val_loss"])
def test_fractions_that_begin_in_the_second_epoch_stay_there(read, loss) -> None:
    history = read([{"epoch": epoch, loss: epoch} for epoch in (1.5, 3.0, 4.5)])
    assert repr(history.measures) == repr({"val_loss": (NAN, 1.5, 3.0, NAN, 4.5)})
    assert "Epochs count from 1 in the log." not in history.notes


def test_measures_of_lengths_that_do_not_fit_are_refused(read) -> None:
    with pytest.raises(InputError, match="3 values of 'val_loss' in 4 epochs"):
        read({"loss": [5, 4, 3, 2], "val_loss": [4, 3, 2]})


LOG = [
    {"epoch": 0.5, "step": 10, "loss": 3.0, "learning_rate": 0.1, "grad_norm": 1.0},
    {"epoch": 1.0, "step": 20, "loss": 1.0, "learning_rate": 0.1},
    {"epoch": 1.0, "step": 20, "eval_loss": 2.0, "eval_accuracy": 0.5, "eval_runtime": 1.0},
    {"epoch": 1.5, "step": 30, "loss": 1.0},
    {"epoch": 2.0, "step": 40, "loss": 0.5},
    {"epoch": 2.0, "step": 40, "eval_loss": 1.5, "eval_accuracy": 0.75},
    {"epoch": 2.0, "step": 40, "train_runtime": 9.0, "train_loss": 1.4, "total_flos": 5},
]


def test_a_trainer_state_is_gathered_by_epoch(read) -> None:
    history = read({"best_metric": None, "log_history": LOG})
    assert repr({key: history.measures[key] for key in ("loss", "val_loss", "val_accuracy")}) == repr(
        {"loss": (2.0, 0.75), "val_loss": (2.0, 1.5), "val_accuracy": (0.5, 0.75)}
    )
    assert set(history.measures) == {"loss", "val_loss", "val_accuracy", "learning_rate"}
    assert history.notes[0] == (
        "The training loss is a mean over the steps since the line before, while the weights change."
    )


@pytest.mark.parametrize("written", [json.dumps, lambda log: "\n".join(map(json.dumps, log))], ids=["list", "lines"])
@pytest.mark.parametrize("log", [LOG, LOG[:-1]], ids=["whole", "without the summary"])
def test_a_log_history_by_itself_reads_like_a_trainer_state(read, written, log) -> None:
    history = read(written(log))
    assert repr(history) == repr(read({"log_history": LOG}))


def test_evaluations_within_a_short_training_count_as_epochs(read) -> None:
    log = [{"epoch": part / 10, "step": part, "loss": 10.0 - part} for part in range(1, 10)]
    log[3:3] = [{"epoch": 0.3, "step": 3, "eval_loss": 9.0}]
    log[7:7] = [{"epoch": 0.6, "step": 6, "eval_loss": 8.0}]
    history = read({"log_history": log})
    assert history.measures == {"loss": (8.0, 5.0), "val_loss": (9.0, 8.0)}
    assert "The log evaluates within epochs: each evaluation counts as the end of one." in history.notes


def test_evaluations_within_three_epochs_count_as_epochs_and_within_four_do_not(read) -> None:
    def log(epochs: int) -> list[dict[str, float]]:
        return [{"epoch": part / 2, "step": part, "eval_loss": 9.0 - part} for part in range(1, 2 * epochs + 1)]

    assert read({"log_history": log(3)}).measures == {"val_loss": (8.0, 7.0, 6.0, 5.0, 4.0, 3.0)}
    assert read({"log_history": log(4)}).measures == {"val_loss": (7.0, 5.0, 3.0, 1.0)}


def test_what_a_resumed_trainer_wrote_again_is_left_out(read) -> None:
    history = read({"log_history": [*LOG[:5], {"epoch": 1.5, "step": 30, "loss": 7.0}, *LOG[4:]]})
    assert history.measures["loss"] == (2.0, 3.75)
    assert "Left out 2 records that a resumed training wrote again." in history.notes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "is empty"),
        ("[]", "is empty"),
        ('{"loss": []}', "at least one epoch"),
        ('{"log_history": []}', "Expected records with an epoch"),
        ('{"log_history": [{"loss": 1}]}', "Expected records with an epoch"),
        ('{"data": {"name": "x"}}', "JSON of another kind"),
        ("[1, 2]", "JSON of another kind"),
        ('{"loss": [0.5, 0.', r"Expected JSON in .*Received: .*line 1 column \d+ \(char \d+\)\.$"),
        ("{'loss': [0.5]}", r"Expected JSON in .*Received: a dict as Python prints it; write it with json\.dump"),
        ("[" * 100_000, "Expected JSON"),
        ('{"loss": [1' + "0" * 5000 + "]}", "Expected JSON"),
        ('{"loss": [1' + "0" * 400 + "]}", "at least one epoch"),
        ('[{"epoch": 1e300, "loss": 1}, {"epoch": 0, "loss": 1}]', "at most 100,000 epochs"),
        ('{"\\ud800": [1, 2]}', r"Received: \?\."),
    ],
)
def test_json_of_another_kind_gets_one_message(read, content, message) -> None:
    with pytest.raises(InputError, match=message):
        read(content)


def test_json_too_large_to_read_at_once_is_refused(read, monkeypatch) -> None:
    monkeypatch.setattr(text, "_MAX_JSON", 10)
    with pytest.raises(InputError, match="Expected a JSON log of at most"):
        read(KERAS)
