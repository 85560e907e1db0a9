from __future__ import annotations

import json
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.variants import depth, dropout, l2, label_smoothing, max_norm, regularize, train_size, weight_decay, width

# Keras saves weights with numpy.array(variable), which NumPy 2 warns of where TensorFlow is the backend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BOTH = l2(0.001) + dropout(0.5)


def test_weights_predictions_and_settings_are_kept_and_the_penalty_is_there(model, some_inputs):
    fixed = regularize(model, BOTH)
    x = some_inputs(model)
    np.testing.assert_allclose(fixed(x), model(x), rtol=1e-6)
    assert fixed.get_compile_config()["loss"] == "binary_crossentropy"
    assert fixed.optimizer is not model.optimizer
    squares = sum(float((w.numpy() ** 2).sum()) for w in fixed.trainable_weights if w.regularizer is not None)
    np.testing.assert_allclose(float(sum(fixed.losses)), 0.001 * squares, rtol=1e-5)
    assert model.losses == []


def test_an_uncompiled_model_stays_uncompiled():
    model = keras.Sequential([keras.Input((3,)), kl.Dense(2, name="one"), kl.Dense(1)])
    fixed = regularize(model, BOTH + max_norm(2))
    assert not fixed.compiled
    assert len(fixed.losses) == 1


def test_a_saved_model_holds_nothing_but_keras(model, tmp_path):
    fixed = regularize(model, BOTH + max_norm(2) + weight_decay(0.1) + label_smoothing(0.1))
    modules = set(re.findall(r'"module": "([^"]*)"', json.dumps([fixed.get_config(), fixed.get_compile_config()])))
    assert {name.split(".")[0] for name in modules} <= {"keras", "builtins"}
    fixed.save(tmp_path / "fixed.keras")
    loaded = keras.models.load_model(tmp_path / "fixed.keras")
    np.testing.assert_allclose(float(sum(loaded.losses)), float(sum(fixed.losses)), rtol=1e-6)
    assert loaded.optimizer.weight_decay == 0.1
    assert loaded.loss.label_smoothing == 0.1


@pytest.mark.slow
def test_it_loads_where_regulab_is_not_installed(dense, tmp_path):
    regularize(dense, BOTH).save(tmp_path / "fixed.keras")
    code = (
        "import sys\n"
        "sys.modules['regulab'] = None\n"
        "import keras\n"
        f"model = keras.models.load_model({str(tmp_path / 'fixed.keras')!r})\n"
        "print([layer.name for layer in model.layers], float(sum(model.losses)) > 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert run.stdout.strip().endswith("['one', 'dropout_after_one', 'two', 'dropout_after_two', 'out'] True")


def test_a_model_that_came_from_a_file_can_be_regularized(dense, tmp_path):
    regularize(dense, max_norm(2)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    fixed = regularize(loaded, BOTH)
    assert len(fixed.losses) == 2
    assert fixed.get_layer("one").kernel.constraint.max_value == 2


@pytest.mark.parametrize("variant", [width(2), depth(1), l2(0.1) + depth(-1)])
def test_a_change_of_capacity_is_refused(dense, variant):
    with pytest.raises(InputError, match=r"keeps the shapes of the weights. Received: .*(width|depth)\("):
        regularize(dense, variant)


def test_less_data_is_not_a_property_of_a_model(dense):
    with pytest.raises(NotApplicableError, match=r"Received: train_size\(0.5\), which changes the training data"):
        regularize(dense, l2(0.1) + train_size(0.5))


def test_a_change_of_the_optimizer_needs_a_compiled_model():
    model = keras.Sequential([keras.Input((3,)), kl.Dense(1)], name="raw")
    with pytest.raises(InputError, match=r"Expected a compiled model for weight_decay\(0.1\). Received: 'raw'"):
        regularize(model, weight_decay(0.1))


def test_moving_averages_and_adapted_layers_are_kept():
    scale = kl.Normalization()
    scale.adapt(np.array([[1.0], [3.0]]))
    model = keras.Sequential([keras.Input((1,)), scale, kl.Dense(3), kl.BatchNormalization(), kl.Dense(1)])
    model.layers[2].moving_mean.assign([1.0, 2.0, 3.0])
    x = np.array([[5.0]])
    np.testing.assert_allclose(regularize(model, dropout(0.5))(x), model(x), rtol=1e-6)


@pytest.mark.parametrize("given", ["l2", None, [l2(0.1)]])
def test_values_that_are_not_variants_are_refused(dense, given):
    with pytest.raises(
        InputError, match=r"Expected a variant, such as rl.l2\(0.001\) \+ rl.dropout\(0.5\). Received: "
    ):
        regularize(dense, given)


@pytest.mark.parametrize("given", [lambda: None, "model.keras", None])
def test_values_that_are_not_models_are_refused(given):
    with pytest.raises(InputError, match=r"Expected a keras.Model. Received: .*Call the function"):
        regularize(given, l2(0.1))
