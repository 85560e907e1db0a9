from __future__ import annotations

import importlib.util
import math
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from regulab.errors import InputError, MissingDependencyError
from regulab.histories.readers import events, read_log

pytest.importorskip("tensorboard")

Curves = Mapping[str, Sequence[float] | Mapping[int, float]]


def write(folder: Path, curves: Curves, *, at: float = 1.0, legacy: bool = False) -> Path:
    """An event file as Keras (scalar tensors) or PyTorch (legacy) writes it."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{at:010.0f}.host.1.v2"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=at, file_version="brain.Event:2").SerializeToString())
        for tag, values in curves.items():
            for step, value in (values if isinstance(values, Mapping) else dict(enumerate(values))).items():
                event = Event(wall_time=at + step, step=step)
                summary = event.summary.value.add(tag=tag)
                if legacy:
                    summary.simple_value = value
                else:
                    summary.tensor.dtype = 1
                    summary.tensor.tensor_content = struct.pack("<f", value)
                    summary.metadata.plugin_data.plugin_name = "scalars"
                writer.write(event.SerializeToString())
        writer.flush()
    return path


def write_keras(folder: Path, losses: Sequence[float], val_losses: Sequence[float], *, at: float = 1.0) -> Path:
    batches = {"batch_loss": [9.0] * 20, "epoch_loss": losses, "epoch_learning_rate": [0.5] * len(losses)}
    write(folder / "validation", {"evaluation_loss_vs_iterations": {7: 9.0}, "epoch_loss": val_losses}, at=at + 0.5)
    return write(folder / "train", batches, at=at)


READ = {"loss": (0.5, 0.25), "val_loss": (0.5, 0.75)}


def losses(history) -> dict[str, tuple[float, ...]]:
    return {name: history.measures[name] for name in ("loss", "val_loss") if name in history.measures}


def test_one_of_keras_two_folders_is_read_alone_and_a_note_names_the_other(tmp_path) -> None:
    write_keras(tmp_path / "logs", [0.5, 0.25], [0.5, 0.75])
    (alone,) = read_log(tmp_path / "logs" / "train")
    assert losses(alone) == {"loss": (0.5, 0.25)}
    assert alone.notes == ("Read train alone. To read validation with it, name the folder that holds both.",)


def test_a_folder_of_runs_that_is_called_as_a_split_is_read_whole(tmp_path) -> None:
    write_keras(tmp_path / "dev", [0.5, 0.25], [0.5, 0.75])
    write_keras(tmp_path / "test", [0.5, 0.25], [0.5, 0.75])
    (history,) = read_log(tmp_path / "dev")
    assert losses(history) == READ
    assert history.notes == ()
    # Nor is there anything to read in a folder of examples.
    write_keras(tmp_path / "logs", [0.5, 0.25], [0.5, 0.75])
    (tmp_path / "logs" / "validation").rename(tmp_path / "moved")
    (tmp_path / "logs" / "validation").mkdir()
    assert read_log(tmp_path / "logs" / "train").members[0].notes == ()


def test_the_runs_of_keras_become_one_history(tmp_path) -> None:
    write_keras(tmp_path / "logs", [0.5, 0.25], [0.5, 0.75])
    (history,) = read_log(tmp_path / "logs")
    assert history.variant == "logs"
    assert history.measures == {**READ, "learning_rate": (0.5, 0.5)}
    assert history.notes == ()


def test_several_runs_in_one_folder_become_several_histories(tmp_path) -> None:
    for name in ("baseline", "l2/seed1"):
        write_keras(tmp_path / name, [0.5, 0.25], [0.5, 0.75])
    histories = read_log(tmp_path)
    assert [(history.variant, losses(history)) for history in histories] == [("baseline", READ), ("l2/seed1", READ)]


def test_trainings_that_shared_a_folder_are_told_apart(tmp_path) -> None:
    write_keras(tmp_path / "a", [0.5, 0.25], [0.5, 0.75], at=100)
    write_keras(tmp_path / "a", [4, 3, 2], [5, 4, 3], at=200)
    first, second = read_log(tmp_path / "a")
    assert losses(first) == READ
    assert losses(second) == {"loss": (4.0, 3.0, 2.0), "val_loss": (5.0, 4.0, 3.0)}
    assert (first.variant, second.variant) == ("a (1)", "a (2)")
    assert second.notes == ("2 trainings wrote to this folder: this is number 2.",)


def test_a_resumed_training_goes_on(tmp_path) -> None:
    write(tmp_path / "train", {"epoch_loss": [5, 4, 3]}, at=100)
    write(tmp_path / "train", {"epoch_loss": {2: 30, 3: 20}}, at=200)
    (history,) = read_log(tmp_path)
    assert history.measures == {"loss": (5.0, 4.0, 30.0, 20.0)}
    assert history.notes == ("A resumed training wrote epochs again: kept the later run.",)


def test_an_event_file_reads_by_itself(tmp_path) -> None:
    path = write_keras(tmp_path, [0.5, 0.25], [0.5, 0.75]).rename(tmp_path / "train" / "anything.csv")
    (history,) = read_log(path)
    assert (history.variant, losses(history)) == ("anything.csv", {"loss": (0.5, 0.25)})


def test_tags_of_other_writers_read(tmp_path) -> None:
    write(tmp_path, {"Loss/train": [0.5, 0.25], "Loss/val": [0.5, 0.75], "lr": [1, 1]}, legacy=True)
    (history,) = read_log(tmp_path)
    assert losses(history) == READ
    assert history.notes == ()


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("Loss", ("train", "val")),
        ("Loss/all", ("Train", "Validation")),
        ("Training vs. Validation Loss", ("Training", "Validation")),
        ("loss", ("train_loss", "val_loss")),
    ],
)
def test_the_curves_of_one_chart_of_pytorch_become_one_history(tmp_path, tag, parts) -> None:
    write(tmp_path, {}, at=100)
    for at, (part, values) in enumerate(zip(parts, READ.values(), strict=True), start=101):
        write(tmp_path / f"{tag.replace('/', '_')}_{part}", {tag: values}, at=at, legacy=True)
    (history,) = read_log(tmp_path)
    assert (history.variant, losses(history)) == (tmp_path.name, READ)


def test_a_folder_that_only_begins_like_its_tag_is_a_run(tmp_path) -> None:
    for name in ("loss_l2", "loss_dropout"):
        write(tmp_path / name, {"loss": [0.5, 0.25]}, legacy=True)
    assert [history.variant for history in read_log(tmp_path)] == ["loss_dropout", "loss_l2"]


def test_steps_end_an_epoch_with_each_validation(tmp_path) -> None:
    training = {step: float(step) for step in range(1, 8)}
    write(tmp_path, {"train_loss": training, "val_loss": {3: 9.0, 6: 8.0}}, legacy=True)
    (history,) = read_log(tmp_path)
    assert losses(history) == {"loss": (2.0, 5.0), "val_loss": (9.0, 8.0)}
    assert "Each validation counts as the end of an epoch." in history.notes


def test_a_tag_with_the_epoch_gathers_steps(tmp_path) -> None:
    curves = {
        "epoch": {9: 0, 19: 0, 29: 1, 39: 1, 49: 2},
        "train_loss_step": {9: 3.0, 19: 1.0, 29: 1.0, 39: 0.0, 49: 0.0},
        "val_loss": {19: 2.0, 39: 1.0, 49: 1.5},
    }
    write(tmp_path, curves, legacy=True)
    (history,) = read_log(tmp_path)
    assert losses(history) == {"loss": (2.0, 0.5, 0.0), "val_loss": (2.0, 1.0, 1.5)}


def test_nan_stays(tmp_path) -> None:
    write(tmp_path / "train", {"epoch_loss": [0.5, math.nan]})
    assert repr(read_log(tmp_path).members[0].measures["loss"]) == "(0.5, nan)"


def test_a_file_that_was_cut_short_reads_up_to_there(tmp_path) -> None:
    path = write(tmp_path / "train", {"epoch_loss": [0.5, 0.25, 0.125]})
    path.write_bytes(path.read_bytes()[:-5])
    (history,) = read_log(tmp_path)
    assert history.measures == {"loss": (0.5, 0.25)}
    assert history.notes == ("Left out the end of an event file, which was cut short.",)


def test_a_folder_without_a_loss_is_left_out_and_told(tmp_path) -> None:
    write_keras(tmp_path / "a", [0.5, 0.25], [0.5, 0.75])
    write(tmp_path / "hparams", {"something": [1.0]})
    (history,) = read_log(tmp_path)
    assert history.notes == ("Left out 1 folder without a loss.",)


def test_events_without_a_scalar_are_refused(tmp_path) -> None:
    write(tmp_path, {})
    with pytest.raises(InputError, match="Expected columns with the training and validation loss"):
        read_log(tmp_path)


def test_too_much_to_read_is_refused_with_the_limit(tmp_path, monkeypatch) -> None:
    write_keras(tmp_path, [0.5, 0.25], [0.5, 0.75])
    for limit, message in (("_MAX_POINTS", "at most 3 values"), ("_MAX_ENTRIES", "at most 3 files")):
        monkeypatch.setattr(events, limit, 3)
        with pytest.raises(InputError, match=message):
            read_log(tmp_path)
    monkeypatch.setattr(events, "_MAX_ENTRIES", 100)
    monkeypatch.setattr(events, "_MAX_BYTES", 3)
    with pytest.raises(InputError, match="at most 0 MB together"):
        read_log(tmp_path)


def test_without_tensorboard_the_extra_is_named(tmp_path, monkeypatch) -> None:
    write_keras(tmp_path, [0.5, 0.25], [0.5, 0.75])
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name))
    with pytest.raises(MissingDependencyError, match=r"pip install 'regulab\[tensorboard\]'"):
        read_log(tmp_path)


def test_tensorflow_is_not_imported_and_tensorboard_stays_as_it_was(tmp_path) -> None:
    write_keras(tmp_path, [0.5, 0.25], [0.5, 0.75])
    code = (
        "import sys; from regulab.histories.readers import read_log; read_log(sys.argv[1]);"
        "print({'tensorflow', 'keras', 'tensorboard.compat.notf'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras's variables
def test_what_keras_writes_reads(tmp_path) -> None:
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((8, 2))
    log = tmp_path / "history.csv"
    logging = [
        keras.callbacks.TensorBoard(tmp_path / "logs", update_freq="batch", histogram_freq=1),
        keras.callbacks.CSVLogger(log),
    ]
    fitted = model.fit(x, x[:, :1] * 3, epochs=2, validation_split=0.5, verbose=0, callbacks=logging).history
    (from_events,), (from_csv,) = read_log(tmp_path / "logs"), read_log(log)
    for name in ("loss", "val_loss"):
        assert from_csv.measures[name] == tuple(fitted[name])
        assert from_events.measures[name] == pytest.approx(fitted[name])
