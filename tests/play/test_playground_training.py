from __future__ import annotations

import keras
import numpy as np
import pytest

import regulab as rl
from regulab.errors import InputError
from regulab.play.runs import Runs, StoppedError
from regulab.play.settings import Settings
from regulab.play.trainer import Trainer

rng = np.random.default_rng(0)
X, Y = rng.random((60, 5)).astype("float32"), np.arange(60) % 2


def build():
    layers = [keras.Input((5,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def data():
    return rl.data.arrays(X, Y, validation=0.3, test=0.1)


def trained(trainer, settings):
    training = trainer.begin(settings)
    for _ in range(settings.epochs):
        history = training.epoch()
    return history


@pytest.mark.parametrize("settings", [Settings(epochs=3), Settings(epochs=3, l2=0.01, dropout=0.3, share=0.5, seed=1)])
def test_a_run_is_what_a_study_trains(data, settings):
    history = trained(Trainer(build, data, batch_size=16), settings)
    variants = [settings.variant] if settings.variant.changes else []
    study = rl.Study(build, data, variants=variants, seeds=[settings.seed], epochs=3, batch_size=16)
    expected = study.run(progress=False).histories.of(settings.variant.name)[0]
    assert history.measures.keys() == expected.measures.keys()
    for measure, values in expected.measures.items():
        assert history.measures[measure] == pytest.approx(values, rel=1e-4), measure


def test_the_model_that_was_passed_is_not_trained(data):
    model = build()
    before = model.get_weights()
    trained(Trainer(model, data, batch_size=16), Settings(epochs=1))
    assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))


def test_the_test_split_is_left_alone(data):
    assert Trainer(build, data).data.test is None


def test_a_training_ends_within_an_epoch_when_told_to(data):
    def tick():
        raise StoppedError

    training = Trainer(build, data, batch_size=16).begin(Settings())
    with pytest.raises(StoppedError):
        training.epoch(tick=tick)


def test_models_unknown_to_the_kernels_train_in_the_thread_too(data):
    def convolving():
        layers = [
            keras.Input((5,)),
            keras.layers.Reshape((5, 1)),
            keras.layers.Conv1D(2, 2),
            keras.layers.Flatten(),
            keras.layers.Dense(1, "sigmoid"),
        ]
        model = keras.Sequential(layers)
        model.compile("adam", "binary_crossentropy")
        return model

    trainer = Trainer(convolving, data, batch_size=16)
    runs = Runs(trainer.begin, changed=lambda: None, pause=0.0)
    runs.start(Settings(epochs=2, l2=0.01))
    runs.join()
    assert runs.view.error == ""
    assert [(run.state, run.history.epochs) for run in runs.view.runs] == [("done", 2)]


def test_data_of_another_shape_is_refused_before_anything_is_shown(data):
    wrong = rl.data.arrays(X[:, :3], Y)
    with pytest.raises(InputError, match=r"Expected train features of shape \(n, 5\)"):
        Trainer(build, wrong)
