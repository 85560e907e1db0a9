from __future__ import annotations

import json
import shutil

import keras
import pytest

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on NumPy 2 while it saves a model
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("applied") / "run"


@pytest.fixture
def run(regulab, run_folder):
    """A finished run of a baseline and one variant with two seeds."""
    if not run_folder.exists():
        # Long enough to beat a constant prediction: otherwise nothing is recommended.
        options = ("--variants", "l2", "--seeds", "2", "--epochs", "60", "--batch-size", "4", "--out", run_folder)
        assert regulab("run", "mine:data", "--model", "mine:build", *options).exit_code == 0
    return run_folder


def test_the_recommended_model_comes_out_as_it_was_saved(regulab, run, tmp_path):
    target = tmp_path / "new folder" / "m.keras"
    done = regulab("apply", run, "--out", target)
    assert done.exit_code == 0, done.stderr
    document = json.loads((run / "results.json").read_text())
    chosen = document["recommendation"]["variant"]
    assert done.stdout == f"Saved {chosen} to {target}.\n"
    losses = {member["seed"]: member["val_loss_best"] for member in document["members"] if member["variant"] == chosen}
    best = keras.models.load_model(run / "models" / f"{chosen}-seed{min(losses, key=losses.get)}.keras")
    for ours, theirs in zip(keras.models.load_model(target).get_weights(), best.get_weights(), strict=True):
        assert (ours == theirs).all()
    assert list(target.parent.iterdir()) == [target]


def test_a_variant_and_a_seed_can_be_chosen(regulab, run, tmp_path):
    done = regulab("apply", run, "--variant", "l2", "--seed", "1", "--out", tmp_path / "m.keras")
    assert done.exit_code == 0, done.stderr
    chosen = keras.models.load_model(tmp_path / "m.keras")
    assert chosen.layers[0].kernel_regularizer is not None
    theirs = keras.models.load_model(run / "models" / "l2-seed1.keras").get_weights()
    assert all((ours == other).all() for ours, other in zip(chosen.get_weights(), theirs, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "m.h5"], "Expected --out to end in .keras. Received: m.h5."),
        (["--out", "m"], "Expected --out to end in .keras. Received: m."),
        (["--variant", "l3", "--out", "m.keras"], "No variant 'l3'. Available: baseline, l2."),
        (["--variant", "l2", "--seed", "7", "--out", "m.keras"], "No seed 7 of variant 'l2'. Available: 0, 1."),
        (["--out", "mine.py/m.keras"], "Expected --out where a file can be written. Received: mine.py/m.keras ("),
    ],
)
def test_what_cannot_be_applied_is_refused(regulab, run, user_folder, listing, options, message):
    before = listing(user_folder)
    done = regulab("apply", run, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {message}")
    assert done.stderr.count("\n") == 1
    assert listing(user_folder) == before


def test_an_existing_file_is_left_as_it_is(regulab, run, tmp_path):
    target = tmp_path / "m.keras"
    target.write_text("precious")
    done = regulab("apply", run, "--out", target)
    assert done.exit_code == 2
    assert done.stderr == f"Error: Expected --out to be a new file. Received: {target}, which exists.\n"
    assert target.read_text() == "precious"


def test_a_folder_that_is_no_complete_run_is_refused(regulab, run, tmp_path):
    (tmp_path / "part").mkdir()
    shutil.copy(run / "study.json", tmp_path / "part")
    for folder in (tmp_path / "nothing", tmp_path / "part"):
        done = regulab("apply", folder, "--out", tmp_path / "m.keras")
        assert done.exit_code == 2
        assert done.stderr.startswith("Error: Expected a ")
        assert str(folder) in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "m.keras").exists()


@pytest.mark.parametrize(
    ("damage", "begins"),
    [("missing", "Expected the model of l2, seed 0, in "), ("cut", "Loading the model of l2 failed. ")],
)
def test_a_model_that_cannot_be_loaded_gives_one_line(regulab, run, tmp_path, damage, begins):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    model = copy / "models" / "l2-seed0.keras"
    data = model.read_bytes()
    model.unlink()
    if damage == "cut":
        model.write_bytes(data[: len(data) // 2])
    done = regulab("apply", copy, "--variant", "l2", "--seed", "0", "--out", tmp_path / "m.keras")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {begins}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "m.keras").exists()


def lose(run, copy, *variants):
    """A copy of a run in which some variants' losses are NaN."""
    shutil.copytree(run, copy)
    lines = (copy / "histories.csv").read_text().splitlines()
    lost = [f"{line.rpartition(',')[0]},nan" if line.split(",")[0] in variants else line for line in lines]
    (copy / "histories.csv").write_text("\n".join(lost) + "\n")
    return copy


@pytest.mark.parametrize(
    ("lost", "options", "message"),
    [
        (
            ["baseline", "l2"],
            [],
            "Expected the name of a variant, since none is recommended. Received: none. No variant has a finite ",
        ),
        (["l2"], ["--variant", "l2"], "Expected a model with a finite validation loss. Received: l2, seed 0, whose "),
    ],
)
def test_a_model_without_a_finite_loss_is_refused(regulab, run, tmp_path, lost, options, message):
    folder = lose(run, tmp_path / "run", *lost)
    done = regulab("apply", folder, *options, "--out", tmp_path / "m.keras")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"Error: {message}")
    assert not (tmp_path / "m.keras").exists()


def test_a_model_with_weights_that_are_no_numbers_is_refused(regulab, run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder)
    path = folder / "models" / "l2-seed0.keras"
    model = keras.models.load_model(path)
    model.set_weights([weights * float("nan") for weights in model.get_weights()])
    model.save(path)
    done = regulab("apply", folder, "--variant", "l2", "--seed", "0", "--out", tmp_path / "m.keras")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("Error: Expected a model with finite weights. Received: l2, seed 0, with NaN ")
    assert not (tmp_path / "m.keras").exists()
