from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from regulab.cli import cli

# What a user's own module looks like; one name for the whole session, as Python imports it once.
USER_MODULE = """
import keras
import numpy as np

layers = keras.layers


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5)).astype("float32")
    return x, (x[:, 0] > 0).astype("int64")


def with_test():
    x, y = data()
    return (x[:40], y[:40]), (x[40:], y[40:])


def build(units=1, loss="binary_crossentropy"):
    hidden = layers.Dense(4, activation="relu")
    model = keras.Sequential([keras.Input((5,)), hidden, layers.Dense(units, activation="sigmoid")])
    model.compile("adam", loss)
    return model


def build_flat():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model


def build_seeded():
    keras.utils.set_random_seed(1)
    return build()


def build_uncompiled():
    return keras.Sequential([keras.Input((5,)), layers.Dense(1)])


def build_none():
    build()


def build_three():
    return build(units=3)


def build_classes():
    return build(units=2, loss="sparse_categorical_crossentropy")


def build_unknown_loss():
    return build(loss="nonsense")


def build_sized(size, *, rate, more=1):
    return build()


class Needing:
    def __init__(self, rows):
        self.rows = rows


def build_raising():
    return build(units="many")


def build_convolution():
    model = keras.Sequential([keras.Input((5, 1)), layers.Conv1D(2, 2), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def build_small_vocabulary():
    model = keras.Sequential([keras.Input((5,)), layers.Embedding(3, 2), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


class Squeezing(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(1)

    def call(self, x):
        return self.out(keras.ops.reshape(x, (-1, 10)))


def build_subclassed():
    model = Squeezing()
    model.compile("adam", "mse")
    return model


def build_two_outputs():
    inputs = keras.Input((5,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    model.compile("adam", "mse")
    return model


ONE = []


def build_the_same():
    ONE[:] = ONE or [build()]
    return ONE[0]


OPTIMIZER = []


def build_with_the_same_optimizer():
    OPTIMIZER[:] = OPTIMIZER or [keras.optimizers.Adam()]
    model = build()
    model.compile(OPTIMIZER[0], "binary_crossentropy")
    return model


def holes():
    x, y = data()
    x[3, 1] = np.nan
    return x, y


def wrong_labels():
    x, y = data()
    return x, 2 * y + 5


def two_features():
    x, y = data()
    return {"words": x, "length": x[:, :1]}, y


def text_labels():
    x, y = data()
    return x, np.where(y, "kind", "unkind")


def signed():
    x, y = data()
    return x, 2 * y - 1


def wide():
    x, y = data()
    return np.hstack([x, x]), y


def words():
    return np.arange(300).reshape(60, 5) % 9, data()[1]


def empty():
    return np.zeros((0, 5)), np.zeros(0)


def unsplittable():
    x, y = data()
    return (x, y), (x[:0], y[:0]), (x[:0], y[:0])


def single_feature():
    x, y = data()
    return x[:, 0], y


def untested():
    import regulab as rl
    return rl.data.arrays(*data(), test=None)


def study():
    import regulab as rl
    x, y = data()
    return rl.Study(build, rl.data.arrays(x, y), variants=[], seeds=1, epochs=1)


def leaving():
    raise SystemExit("bye")
"""


@pytest.fixture(scope="session")
def user_folder(tmp_path_factory):
    """A folder with a user's modules and data files."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "mine.py").write_text(USER_MODULE, encoding="utf-8")
    (folder / "broken.py").write_text("import json\n1 / 0\n", encoding="utf-8")
    (folder / "unfinished.py").write_text("def build(:\n", encoding="utf-8")
    (folder / "needing.py").write_text("import a_package_that_is_not_there\n", encoding="utf-8")
    (folder / "folder").mkdir()
    (folder / "folder" / "select.py").write_text("def build(): ...\n", encoding="utf-8")
    x, y = np.arange(80.0).reshape(20, 4), np.arange(20) % 2
    np.savez(folder / "whole.npz", x=x, y=y)
    whole = (folder / "whole.npz").read_bytes()
    (folder / "cut.npz").write_bytes(whole[: len(whole) // 2])
    np.savez(folder / "pickled.npz", x=np.array([[1], [1, 2]], dtype=object), y=y)
    np.savez(folder / "unlabelled.npz", x=x)
    (folder / "text.npz").write_text("no archive", encoding="utf-8")
    return folder


@pytest.fixture
def regulab(user_folder, monkeypatch):
    """Runs a command in this process, in the user's folder."""
    monkeypatch.chdir(user_folder)
    # The command puts the user's folder first.
    monkeypatch.setattr(sys, "path", list(sys.path))

    def invoke(*arguments):
        done = CliRunner().invoke(cli, [str(argument) for argument in arguments], prog_name="regulab")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    return invoke


@pytest.fixture(scope="session")
def listing():
    """Everything in a folder, with sizes, but for Python's caches."""

    def listed(folder):
        paths = (path for path in Path(folder).rglob("*") if "__pycache__" not in path.parts)
        return {str(path.relative_to(folder)): path.stat().st_size for path in paths}

    return listed
