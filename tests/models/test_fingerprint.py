from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from keras import layers as kl

from regulab.models.fingerprint import fingerprints


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that Keras cannot write down."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate


class Scaled(kl.Layer):
    """A layer whose config Keras cannot make out."""

    def __init__(self, factor, then=None):
        super().__init__()
        self.factor, self.then = factor, then

    def call(self, x):
        return self.factor * x


class Subclassed(keras.Model):
    def __init__(self, activation=None):
        super().__init__()
        self.out = kl.Dense(1, activation=activation)

    def call(self, x):
        return self.out(x)


def build(*, units=3, activation="relu", penalty=None, start="he_normal", factor=3, rate=0.9, loss="mse", curve="ROC"):
    layers = [
        keras.Input((4,)),
        kl.Dense(units, activation=activation, kernel_regularizer=penalty, kernel_initializer=start),
        kl.Lambda(lambda x: x),
        Scaled(factor, then=object()),
        kl.GaussianNoise(0.1, seed=None),
        kl.Dense(1),
    ]
    model = keras.Sequential(layers)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, rate)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=["mae", keras.metrics.AUC(curve=curve)])
    return model


def build_functional(*, skips=True):
    inputs = keras.Input((4,))
    first = kl.Dense(4)(inputs)
    model = keras.Model(inputs, kl.Dense(1)(kl.Dense(4)(first) + (first if skips else inputs)))
    model.compile("adam", "mse")
    return model


def build_subclassed(*, activation=None, rate=0.1):
    model = Subclassed(activation)
    model(keras.ops.zeros((1, 4)))
    model.compile(keras.optimizers.SGD(Schedule(rate)), lambda y, prediction: prediction - y)
    return model


BUILDERS = [build, build_functional, build_subclassed]
ELSEWHERE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import test_fingerprint
test_fingerprint.build()  # so that Keras numbers the layers of the next one otherwise
print(json.dumps([test_fingerprint.fingerprints(each()) for each in test_fingerprint.BUILDERS]))
"""


@pytest.mark.slow
def test_a_model_built_again_in_another_process_is_known_again():
    here = [fingerprints(build()) for build in BUILDERS]
    command = [sys.executable, "-c", ELSEWHERE, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == here == [fingerprints(build()) for build in BUILDERS]


@pytest.mark.parametrize(
    ("make", "change", "differing"),
    [
        (build, {"units": 4}, ["model"]),
        (build, {"activation": "tanh"}, ["model"]),
        (build, {"penalty": "l2"}, ["model"]),
        (build, {"start": "zeros"}, ["model"]),
        (build, {"factor": 4}, ["model"]),
        (build, {"rate": 0.8}, ["optimizer"]),
        (build, {"loss": "mae"}, ["loss"]),
        (build, {"curve": "PR"}, ["metrics"]),
        (build_functional, {"skips": False}, ["model"]),
        (build_subclassed, {"activation": "relu"}, ["model"]),
        (build_subclassed, {"rate": 0.2}, ["optimizer"]),
    ],
)
def test_a_model_built_or_compiled_in_another_way_has_another_fingerprint(make, change, differing):
    before, after = fingerprints(make()), fingerprints(make(**change))
    assert [part for part in before if before[part] != after[part]] == differing


def test_exclusions_from_weight_decay_count():
    def decaying(*left_out):
        model = build_functional()
        optimizer = keras.optimizers.AdamW(0.1)
        optimizer.exclude_from_weight_decay(var_names=list(left_out))
        model.compile(optimizer, "mse")
        return fingerprints(model)["optimizer"]

    assert decaying("bias") == decaying("bias") != decaying()
