from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import regulab as rl
from regulab.errors import InputError, StorageError
from regulab.histories.history import Histories
from regulab.histories.readers.run_folder import read_run_folder
from regulab.histories.run_folder import RunFolder, RunState
from regulab.results import Results
from regulab.training.checkpoint import Checkpoint
from regulab.training.folder import differing_variants
from regulab.training.folder_claim import claim_folder

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on NumPy 2 while it saves a model
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]
EPOCHS = 4


def build_model(*, units=6, activation="relu", decay=0.8, metrics=("accuracy",)):
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(units, activation=activation),
            keras.layers.Dropout(0.4),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    rate = keras.optimizers.schedules.ExponentialDecay(0.05, 5, decay)
    model.compile(
        keras.optimizers.Adam(rate),
        "binary_crossentropy",
        metrics=[metric() if callable(metric) else metric for metric in metrics],
    )
    return model


def make_study(*, epochs=EPOCHS, variants=None, seeds=1, batch_size=16, rows=60, change=0.0, made=False, **built):
    rng = np.random.default_rng(8)
    x = rng.normal(size=(rows, 5)).astype("float32")
    x[0, 0] += change
    data = rl.data.arrays(x, (x[:, 0] > 0).astype("int64"), validation=0.25, test=0.25, name="small")
    variants = [rl.l2(0.01)] if variants is None else variants
    build = partial(build_model, **built)
    source = build() if made else build
    return rl.Study(source, data, variants=variants, epochs=epochs, batch_size=batch_size, seeds=seeds)


class PulledPlugError(Exception):
    """What ends a run early in these tests."""


def run_until(epoch, folder, monkeypatch, *, resume=False, **options):
    """Run a study that comes to a sudden end after so many epochs were saved."""
    save = Checkpoint.save_if_worth

    def save_and_fail(self, engine):
        save(self, engine)
        self.save(engine)
        if engine.epoch == epoch:
            raise PulledPlugError

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save_if_worth", save_and_fail)
        with pytest.raises(PulledPlugError):
            make_study(**options).run(folder, resume=resume, progress=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    make_study().run(folder, progress=False)
    return folder


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """The folder of a run that stopped after its second epoch; tests may only read it."""
    folder = tmp_path_factory.mktemp("interrupted") / "run"
    run_until(2, folder, pytest.MonkeyPatch())
    return folder


def test_a_run_interrupted_twice_ends_as_one_that_was_not(whole, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    run_until(1, folder, monkeypatch)
    run_until(3, folder, monkeypatch, resume=True)
    assert not (folder / "results.json").exists()
    make_study().run(folder, resume=True, progress=False)
    for name in ("histories.csv", "results.json"):
        assert (folder / name).read_text() == (whole / name).read_text()
    ours, theirs = np.load(folder / "losses.npz"), np.load(whole / "losses.npz")
    assert ours.files == theirs.files
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours.files)
    assert not (folder / "checkpoint.npz").exists()


@pytest.mark.parametrize("made", [False, True], ids=["function", "model"])
def test_metrics_whose_names_keras_numbers_have_one_name_in_all_members_also_after_a_resume(
    made, tmp_path, monkeypatch
):
    # Of a class, Keras calls one metric after the other precision, precision_1, ...
    metrics = keras.metrics.Precision, keras.metrics.Recall, keras.metrics.Precision
    options = {"metrics": metrics, "seeds": 2, "made": made}
    run_until(2, tmp_path / "run", monkeypatch, **options)
    results = make_study(**options).run(tmp_path / "run", resume=True, progress=False)
    first, *others = [list(member.measures) for member in rl.load(tmp_path / "run").histories]
    assert sum("precision" in name for name in first) == 4
    assert others == [first] * 3
    for member in results.histories:
        # Of one model, two equal metrics: values stay with theirs.
        once, again = (values for name, values in member.measures.items() if name.startswith("precision"))
        assert once == again


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_resume
from regulab.training.checkpoint import Checkpoint
save = Checkpoint.save
def save_and_die(self, engine):
    save(self, engine)
    if engine.epoch == 2:
        (self.path.parent / ".checkpoint.1.draft.npz").write_bytes(b"half a file")
        os.kill(os.getpid(), signal.SIGKILL)
Checkpoint.save = save_and_die
Checkpoint.save_if_worth = save_and_die
test_resume.make_study().run(sys.argv[2], progress=False)
"""


def test_a_killed_run_ends_as_one_that_was_not(whole, tmp_path):
    folder = tmp_path / "run"
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    make_study().run(folder, resume=True, progress=False)
    assert (folder / "histories.csv").read_text() == (whole / "histories.csv").read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in whole.iterdir())


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 2}, "one that differs in seeds. Ask for the same study, or choose another folder"),
        ({"batch_size": 8}, "one that differs in batch size"),
        ({"variants": []}, "one that differs in variants. Ask"),
        ({"variants": [rl.l2(0.02)]}, "one that differs in variants. Ask"),
        ({"units": 7}, "one that differs in the model of baseline. Ask"),
        ({"activation": "tanh"}, "one that differs in the model of baseline. Ask"),
        ({"decay": 0.9, "metrics": ()}, "one that differs in the optimizer and metrics of baseline. Ask"),
        ({"change": 0.001}, "one that differs in data. Ask"),
        ({"rows": 80, "seeds": 2}, "one that differs in data and seeds"),
        ({"epochs": 1}, r"at least the 2 epochs that were trained before. Received: epochs=1. Ask for 2 or more"),
    ],
)
def test_another_study_cannot_be_resumed_and_loses_nothing(interrupted, change, message):
    before = contents(interrupted)
    with pytest.raises(InputError, match=message):
        make_study(**change).run(interrupted, resume=True, progress=False)
    assert contents(interrupted) == before


def copied(folder, target, *, edit=None):
    """A copy of a run's files, with another study.json."""
    target.mkdir()
    for name, data in contents(folder).items():
        (target / name).write_bytes(data)
    if edit is not None:
        study = json.loads((target / "study.json").read_text())
        edit(study)
        (target / "study.json").write_text(json.dumps(study))
    return target


def of_an_early_version(study):
    for variant in study["variants"]:
        del variant["fingerprints"]


def of_another_keras(study):
    study["versions"]["keras"] = "3.0"


@pytest.mark.parametrize("edit", [of_an_early_version, of_another_keras])
def test_models_without_comparable_fingerprints_are_compared_by_size(interrupted, whole, tmp_path, edit):
    folder = copied(interrupted, tmp_path / "run", edit=edit)
    with pytest.raises(InputError, match=r"one that differs in the model of baseline"):
        make_study(units=7).run(folder, resume=True, progress=False)
    make_study().run(folder, resume=True, progress=False)
    assert (folder / "histories.csv").read_text() == (whole / "histories.csv").read_text()


def test_a_variant_whose_model_differs_is_named():
    variants = [{"name": name, "label": name, "fingerprints": {"model": "1"}, "parameters": 5} for name in ("a", "b")]
    asked = {"variants": variants, "versions": {}}
    other = {"variants": [variants[0], variants[1] | {"fingerprints": {"model": "2"}}], "versions": {}}
    assert differing_variants(asked, other) == ["the model of b"]


def test_an_unfinished_run_can_be_diagnosed(interrupted):
    diagnoses = rl.diagnose(interrupted)
    assert [diagnosis.name for diagnosis in diagnoses] == ["baseline, seed 0", "l2, seed 0"]
    assert all("The run is not finished." in diagnosis.notes for diagnosis in diagnoses)
    assert [member.epochs for member in read_run_folder(RunFolder(interrupted))] == [2, 2]


def test_a_complete_run_can_be_neither_resumed_nor_overwritten(whole):
    before = contents(whole)
    with pytest.raises(InputError, match=r"an unfinished run to resume. Received: .*, which is complete"):
        make_study().run(whole, resume=True, progress=False)
    with pytest.raises(InputError, match=r"a new or empty folder.*which is in use. Choose another folder\.$"):
        make_study().run(whole, progress=False)
    assert contents(whole) == before


def test_an_unfinished_run_is_not_begun_anew_unasked(interrupted):
    before = contents(interrupted)
    with pytest.raises(InputError, match=r"which is in use. Choose another folder, or resume the unfinished run there"):
        make_study().run(interrupted, progress=False)
    assert contents(interrupted) == before


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_missing_folder_cannot_be_resumed(tmp_path, exists):
    folder = tmp_path / "run"
    if exists:
        folder.mkdir()
    with pytest.raises(InputError, match=r"which holds no run. Begin it without resuming"):
        make_study().run(folder, resume=True, progress=False)
    assert folder.exists() == exists


def emptied(data):
    return b""


def replaced(data):
    return b"text"


def truncated(data):
    return data[: len(data) // 2]


def garbled(data):
    middle = len(data) // 2
    return data[:middle] + bytes(200) + data[middle + 200 :]


def altered(data, ending, change):
    """An archive in which the arrays with such names are others."""
    arrays = {name: change(array) if name.endswith(ending) else array for name, array in np.load(BytesIO(data)).items()}
    np.savez(file := BytesIO(), **arrays)
    return file.getvalue()


def reshaped(data):
    return altered(data, "/best/0", lambda array: array[:-1])


def unmeasured(data):
    return altered(data, "measures", lambda _: np.array("[1]"))


@pytest.mark.parametrize("damage", [truncated, garbled, emptied, replaced, reshaped, unmeasured])
def test_a_damaged_state_is_refused_in_one_message(interrupted, tmp_path, damage):
    folder = tmp_path / "run"
    folder.mkdir()
    for name, data in contents(interrupted).items():
        (folder / name).write_bytes(damage(data) if name == "checkpoint.npz" else data)
    before = contents(folder)
    with pytest.raises(InputError, match=r"checkpoint.npz. Received: a file that is damaged .* Run the study again"):
        make_study().run(folder, resume=True, progress=False)
    assert contents(folder) == before


def test_a_longer_run_may_be_asked_for_when_resuming(interrupted, tmp_path):
    folder = copied(interrupted, tmp_path / "run")
    results = make_study(epochs=EPOCHS + 1).run(folder, resume=True, progress=False)
    assert results.study["epochs"] == results.histories.of("baseline")[0].epochs == EPOCHS + 1


@pytest.mark.parametrize("name", ["checkpoint.npz", "losses.npz", "l2-seed0.keras", "report.html"])
def test_a_run_that_a_full_disk_stopped_ends_as_one_that_was_not_once_there_is_room(whole, tmp_path, monkeypatch, name):
    folder, replace = tmp_path / "run", Path.replace

    def replace_until_full(draft, target):
        if Path(target).name == name:
            raise OSError(errno.ENOSPC, "No space left on device", str(draft))
        return replace(draft, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_until_full)
        with pytest.raises(StorageError, match=r"No space left on device\. .*--resume"):
            make_study().run(folder, progress=False)
    assert RunFolder(folder).state is RunState.UNFINISHED
    assert [path.name for path in folder.rglob(".*")] == []
    make_study().run(folder, resume=True, progress=False)
    for file in ("histories.csv", "results.json"):
        assert (folder / file).read_text() == (whole / file).read_text()
    assert sorted(path.name for path in folder.rglob("*")) == sorted(path.name for path in whole.rglob("*"))


def test_a_run_whose_folder_is_deleted_before_it_is_written_is_no_success(tmp_path, monkeypatch):
    folder, save = tmp_path / "run", Results.save_figures

    def delete_and_save(self, figures):
        shutil.rmtree(folder)
        return save(self, figures)

    monkeypatch.setattr(Results, "save_figures", delete_and_save)
    with pytest.raises(StorageError, match=r"deleted or replaced during the run\. Run the study again"):
        make_study().run(folder, progress=False)
    assert not RunFolder(folder).results_file.exists()


def test_a_folder_in_which_a_run_goes_on_is_refused_in_python_too(interrupted):
    before = contents(interrupted)
    with claim_folder(interrupted, resume=True):
        for resume in (True, False):
            with pytest.raises(InputError, match="that no other run is writing to"):
                make_study().run(interrupted, resume=resume, progress=False)
    assert contents(interrupted) == before


def test_checkpoints_that_are_slow_to_write_are_written_rarely(tmp_path):
    # Five seconds of writing go with 167 of training. Begun at 0; written from 0 to 5; asked again at 6, 171 and 172;
    # written from 172 to 177.
    times = iter([0.0, 0.0, 0.0, 5.0, 6.0, 171.0, 172.0, 172.0, 177.0])
    checkpoint = Checkpoint(RunFolder(tmp_path), clock=lambda: next(times))
    written = []
    for _ in range(4):
        checkpoint.path.unlink(missing_ok=True)
        checkpoint.save_if_worth(SimpleNamespace(members=(), runners=(), progress={}, histories=Histories(())))
        written.append(checkpoint.exists())
    assert written == [True, False, False, True]
