from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def refused(regulab, user_folder, listing):
    """Checks that a command is refused with one message and nothing written; returns the message."""

    def check(*arguments):
        before = listing(user_folder)
        done = regulab(*arguments)
        assert done.exit_code == 2, done.output
        assert done.stdout == ""
        assert len(re.findall("^Error: ", done.stderr, re.M)) == 1
        assert "Traceback" not in done.stderr
        assert listing(user_folder) == before
        return done.stderr

    return check


def test_an_answer_that_cannot_be_written_is_one_message(tmp_path):
    log = tmp_path / "history.csv"
    log.write_text("epoch,loss,val_loss\n0,0.6,0.7\n1,0.4,0.5\n")
    # A device that is always full.
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "regulab", "diagnose", str(log)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr == "Error: No space left on device\n"


def is_one_line(message):
    return message.startswith("Error: ") and message.count("\n") == 1 and message.endswith((".\n", ")\n"))


@pytest.mark.parametrize(
    ("data", "model", "parts"),
    [
        ("holes", "build", ["finite features", "1 NaN or infinite value", "row 3"]),
        ("wrong_labels", "build", ["labels in [0, 1]", "from 5 to 7"]),
        ("wrong_labels", "build_classes", ["whole class numbers from 0 to 1", "from 5 to 7"]),
        ("wide", "build", ["(n, 5), which the model takes", "(n, 10)"]),
        ("data", "build_convolution", ["(n, 5, 1), which the model takes", "(n, 5)"]),
        ("data", "build_three", ["(n, 3), which the model outputs", "(n,)"]),
        ("data", "build_two_outputs", ["a model with one output", "2 outputs"]),
        ("empty", "build", ["0 rows"]),
        ("unsplittable", "build", ["at least one example in 'validation'", "an empty split"]),
        ("data", "build_uncompiled", ["a compiled model from mine:build_uncompiled()", "model.compile("]),
        ("data", "build_none", ["mine:build_none() to return a compiled keras.Model", "NoneType", "Return the model"]),
        ("data", "build_raising", ["mine:build_raising raised ValueError", "units=many", "mine.py, line"]),
        ("data", "build_sized", ["mine:build_sized, which needs size, rate (", "mine.py, line ", "Give them default"]),
        ("Needing", "build", ["the data source as a function", "mine:Needing, which needs rows. Give"]),
        ("two_features", "build", ["'mine:two_features' as one array", "a dict (words, length)", "rl.data.stream("]),
        ("text_labels", "build", ["numbers as labels in 'mine:text_labels'", "Number the classes from 0"]),
        ("data", "build_unknown_loss", ["Could not interpret loss identifier: nonsense"]),
        ("data", "build_subclassed", ["Building the model from one example failed", "5 values"]),
        ("words", "build_small_vocabulary", ["failed. Received from Keras", "is not in [0, 3)"]),
        ("data", "build_the_same", ["mine:build_the_same() to create everything anew", "weights that an earlier call"]),
        ("data", "build_with_the_same_optimizer", ["to create everything anew", "an optimizer that an earlier call"]),
        ("leaving", "build", ["mine:leaving raised SystemExit: bye", "mine.py, line"]),
        ("build_none", "build", ["Expected mine:build_none to return a regulab Dataset", "NoneType"]),
        ("data", "nothing", ["No function 'nothing' in mine. Available: ", "build_classes"]),
    ],
)
def test_data_and_models_that_cannot_be_used(refused, data, model, parts):
    options = ("--variants", "none", "--seeds", "2", "--epochs", "1")
    message = refused("run", f"mine:{data}", "--model", f"mine:{model}", *options)
    assert is_one_line(message), message
    assert [part for part in parts if part not in message] == [], message


def test_validation_on_a_test_split_that_the_data_set_was_made_without(refused):
    message = refused("run", "mine:untested", "--validation", "test")
    assert "Expected a data set with a test split for validation='test'." in message


def test_a_single_feature_without_a_column_for_the_default_model(refused):
    message = refused("run", "mine:single_feature", "--epochs", "1")
    assert "shape (36,). A single feature goes in a column: x.reshape(-1, 1)." in message


def test_labels_of_minus_one_and_one_without_a_model(refused):
    message = refused("run", "mine:signed", "--epochs", "1")
    assert "Expected the two classes as 0 and 1. Received: training labels -1 and 1." in message
    assert is_one_line(message), message


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("nowhere:build", "Cannot find the module of --model nowhere. Looked in "),
        ("nowhere/mine.py:build", "Cannot find the file of --model nowhere/mine.py"),
        ("mine", "Expected --model as module:function, such as models:build_model. Received: mine."),
        ("broken:build", "Importing broken raised ZeroDivisionError: division by zero ("),
        ("unfinished:build", "Importing unfinished raised SyntaxError: "),
        ("needing:build", "needing needs the module a_package_that_is_not_there, which is not installed."),
        ("folder/select.py:build", "Expected a file whose name is not that of another module."),
    ],
)
def test_modules_that_cannot_be_used(refused, model, message):
    printed = refused("run", "mine:data", "--model", model)
    assert printed.startswith(f"Error: {message}")
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("imbd", "No data set 'imbd'. Available: imdb, reviews, digits, DATA.npz, module:function."),
        ("mine.py", "No data set 'mine.py'. That file exists, but only .npz files are read."),
        ("missing.npz", "Expected an .npz file. Received: missing.npz, which does not exist."),
        ("cut.npz", "Expected a complete .npz archive (numpy.savez). Received: cut.npz, which is truncated"),
        ("text.npz", "Expected a complete .npz archive (numpy.savez). Received: text.npz"),
        ("pickled.npz", "Expected plain arrays in pickled.npz. Received: 'x', an object array"),
        ("unlabelled.npz", "Expected the arrays x_train and y_train"),
    ],
)
def test_sources_that_cannot_be_read(refused, source, message):
    printed = refused("run", source)
    assert printed.startswith(f"Error: {message}")
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "Invalid value for '--epochs': 0 is not in the range x>=1."),
        (["--seeds", "0"], "Invalid value for '--seeds'"),
        (["--batch-size", "-1"], "Invalid value for '--batch-size'"),
        (["--variants", "dropuot"], "No variant 'dropuot'. Did you mean 'dropout'? Available: "),
        (["--variants", "dropout(1.5)"], "Expected `rate` above 0 and below 1. Received: rate=1.5."),
        (["--variants", "l2,l2"], "Expected variants that differ. Received: 'l2(0.001)' 2 times."),
        (["--variants", ""], "Expected names of variants, separated by commas. Available:"),
        (["--resume"], "Expected --out with --resume"),
        (["--resume", "--out", "nowhere"], "Expected an unfinished run to resume. Received: nowhere"),
        (["--out", "mine.py"], "Expected a folder for the run. Received: mine.py, but mine.py is a file."),
        (["--out", "mine.py/run"], "Expected a folder for the run. Received: mine.py/run, but mine.py is a file."),
        (["--out", "folder"], "Expected a new or empty folder for the run. Received: folder, which is in use."),
        (["--data-file", "whole.npz"], "Expected --data-file together with imdb. Received: --data-file with mine"),
    ],
)
def test_options_that_cannot_be_used(refused, options, message):
    assert f"Error: {message}" in refused("run", "mine:data", *options)


@pytest.mark.filterwarnings("always:Seeds:UserWarning")
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_a_builder_that_seeds_itself_brings_one_line_of_warning(regulab, tmp_path):
    options = ("--variants", "none", "--seeds", "2", "--epochs", "1", "--out", tmp_path / "run", "--json")
    done = regulab("run", "mine:data", "--model", "mine:build_seeded", *options)
    assert done.exit_code == 0
    assert done.stderr.startswith("Warning: Seeds 0 and 1 start from the same weights")
    assert "Remove keras.utils.set_random_seed(...)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_real_process_prints_one_message_and_exits_with_2(user_folder, listing):
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    before = listing(user_folder)
    command = [sys.executable, "-m", "regulab", "run", "mine:wide", "--model", "mine:build"]
    done = subprocess.run(command, cwd=user_folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert is_one_line(done.stderr), done.stderr
    assert listing(user_folder) == before


def test_keras_on_another_backend_is_refused(user_folder):
    command = [sys.executable, "-m", "regulab", "run", "digits"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, cwd=user_folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: Expected Keras to run on TensorFlow. Received: KERAS_BACKEND=jax. Unset it.\n"
