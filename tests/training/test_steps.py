"""What happens to one batch, tried on a few rows without a graph."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl

from regulab.training.batches import Batch
from regulab.training.data_loss import data_loss
from regulab.training.steps import (
    Trainee,
    features_for,
    is_noisy,
    measuring_step,
    training_step,
    validation_step,
)

X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], "float32")
Y = np.array([[0.0], [1.0], [1.0]], "float32")
BATCH = Batch(X, Y, None, None)


def compiled(*layers, kind=keras.Sequential, penalty=None):
    model = kind([keras.Input((2,)), *layers, kl.Dense(1, kernel_initializer="ones", kernel_regularizer=penalty)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def squared_errors(model):
    return np.square(np.asarray(model(X)) - Y)


def run(step_of, model, batch=BATCH, **options):
    losses, penalties = step_of([Trainee(model, False, None)], data_loss(model), **options)(batch)
    return np.asarray(losses), np.asarray(penalties)


def test_a_training_step_gives_the_losses_from_before_the_update():
    model = compiled()
    before, weights = squared_errors(model), model.get_weights()
    losses, penalties = run(training_step, model)
    np.testing.assert_allclose(losses, before)
    assert penalties.tolist() == [0.0]
    assert not np.array_equal(model.get_weights()[0], weights[0])


def test_a_training_step_is_kerass_own():
    model, alone = compiled(penalty="l2"), compiled(penalty="l2")
    run(training_step, model)
    alone.train_step((X, Y))
    for weight, expected in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_the_penalty_is_reported_apart_from_the_losses():
    model = compiled(penalty=keras.regularizers.L2(0.5))
    expected = squared_errors(model)
    for step_of in (validation_step, training_step):
        losses, penalties = run(step_of, model)
        np.testing.assert_allclose(losses, expected)
        np.testing.assert_allclose(penalties, [1.0])


def test_a_validation_step_changes_no_weights():
    model = compiled(kl.BatchNormalization())
    before = model.get_weights()
    losses, _ = run(validation_step, model)
    np.testing.assert_allclose(losses, squared_errors(model), rtol=1e-5)
    assert all(np.array_equal(weight, other) for weight, other in zip(before, model.get_weights(), strict=True))


def test_steps_leave_the_model_as_keras_made_it():
    model = compiled()
    run(training_step, model)
    run(validation_step, model)
    assert "compute_loss" not in vars(model)


class WithoutComputeLoss(keras.Sequential):
    """Trains in a way of its own, which says nothing of the losses."""

    def train_step(self, data):
        return {"loss": 0.0}

    def test_step(self, data):
        return {"loss": 0.0}


def test_losses_that_a_custom_step_does_not_compute_are_unknown_in_training_and_measured_in_validation():
    model = compiled(kind=WithoutComputeLoss, penalty=keras.regularizers.L2(0.5))
    losses, penalties = run(training_step, model)
    assert np.isnan(losses).all()
    np.testing.assert_allclose(penalties, [1.0])
    losses, penalties = run(validation_step, model)
    np.testing.assert_allclose(losses, squared_errors(model))
    np.testing.assert_allclose(penalties, [1.0])


def test_losses_are_weighted_by_sample_weights_and_training_by_class_weights_too():
    weights, class_weights = np.array([1.0, 0.0, 2.0], "float32"), np.array([3.0, 0.0, 2.0], "float32")
    model, alone = compiled(), compiled()
    expected = squared_errors(model) * weights[:, np.newaxis]
    losses, _ = run(training_step, model, Batch(X, Y, class_weights, weights))
    np.testing.assert_allclose(losses, expected)
    alone.train_step((X, Y, class_weights))
    np.testing.assert_array_equal(model.get_weights()[0], alone.get_weights()[0])


@pytest.mark.parametrize(("weight", "parts"), [(None, 2), (np.ones(3, "float32"), 3)])
def test_a_custom_step_receives_what_fit_would_give_it(weight, parts):
    received = []

    class Recording(WithoutComputeLoss):
        def train_step(self, data):
            received.append(len(data))
            return {}

    run(training_step, compiled(kind=Recording), Batch(X, Y, weight, weight))
    assert received == [parts]


def test_measuring_is_quiet_unless_noise_is_asked_for():
    model = compiled(kl.Dropout(0.5, seed=0))
    quiet, _ = run(measuring_step, model)
    np.testing.assert_allclose(quiet, squared_errors(model))
    noisy, _ = run(measuring_step, model, noisy=True)
    assert not np.allclose(noisy, quiet)


def test_noise_leaves_batch_normalization_in_inference_mode():
    model = compiled(kl.BatchNormalization())
    before = model.get_weights()
    noisy, _ = run(measuring_step, model, noisy=True)
    np.testing.assert_allclose(noisy, squared_errors(model), rtol=1e-5)
    assert all(np.array_equal(weight, other) for weight, other in zip(before, model.get_weights(), strict=True))
    assert model.layers[0].trainable


def test_each_member_has_a_column_of_the_losses():
    models = [compiled(), compiled(kl.Dense(2, kernel_initializer="zeros"))]
    trainees = [Trainee(model, False, None) for model in models]
    losses, penalties = validation_step(trainees, data_loss(models[0]))(BATCH)
    np.testing.assert_allclose(losses, np.hstack([squared_errors(model) for model in models]), rtol=1e-5)
    assert penalties.shape == (2,)


@pytest.mark.parametrize(
    ("layers", "noisy"),
    [((), False), ((kl.BatchNormalization(),), False), ((kl.Dropout(0.5),), True), ((kl.GaussianNoise(0.1),), True)],
    ids=["dense", "normalization", "dropout", "gaussian noise"],
)
def test_a_model_is_noisy_if_training_draws_random_numbers(layers, noisy):
    assert is_noisy(compiled(*layers)) is noisy


def test_sparse_features_are_made_dense_for_models_that_do_not_read_them():
    sparse = tf.sparse.from_dense(X)
    batch = Batch(sparse, Y, None, None)
    model = compiled()
    np.testing.assert_array_equal(features_for(Trainee(model, False, None), batch), X)
    assert features_for(Trainee(model, True, None), batch) is sparse
    assert features_for(Trainee(model, False, None), BATCH) is X
