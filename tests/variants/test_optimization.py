from __future__ import annotations

import re

import keras
import numpy as np
import pytest
from keras import layers as kl

from regulab.errors import InputError, NotApplicableError
from regulab.models.keras_internals import undecayed_pattern
from regulab.variants import ema, label_smoothing, weight_decay


def small(loss, optimizer="adam"):
    model = keras.Sequential(
        [keras.Input((3,)), kl.Dense(2, name="one"), kl.BatchNormalization(), kl.Dense(2, activation="softmax")]
    )
    model.compile(optimizer, loss)
    return model


@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        "bce",
        "BinaryCrossentropy",
        "categorical_crossentropy",
        "binary_focal_crossentropy",
        keras.losses.categorical_focal_crossentropy,
        keras.losses.BinaryCrossentropy(from_logits=True),
        keras.losses.CategoricalFocalCrossentropy(),
    ],
)
def test_cross_entropies_are_smoothed(loss):
    changed = label_smoothing(0.1).apply(small(loss)).loss
    assert changed.label_smoothing == 0.1
    assert getattr(changed, "from_logits", False) == getattr(loss, "from_logits", False)


def test_the_smoothed_loss_has_the_expected_value():
    changed = label_smoothing(0.2).apply(small("binary_crossentropy"))
    y, p = np.array([[1.0]]), np.array([[0.8]])
    expected = -(0.9 * np.log(0.8) + 0.1 * np.log(0.2))
    np.testing.assert_allclose(changed.loss(y, p), expected, rtol=1e-5)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "mse", keras.losses.Huber(), None])
def test_other_losses_are_refused(loss):
    with pytest.raises(NotApplicableError, match=r"as the loss for label_smoothing\(0.1\). Received: .*one-hot labels"):
        label_smoothing(0.1).apply(small(loss))


def test_of_several_losses_those_that_can_be_are_smoothed():
    x = keras.Input((3,))
    model = keras.Model(x, {"a": kl.Dense(1, name="a")(x), "b": kl.Dense(1, name="b")(x)})
    model.compile("sgd", {"a": "binary_crossentropy", "b": "mse"})
    changed = label_smoothing(0.1).apply(model).loss
    assert (changed["a"].label_smoothing, changed["b"]) == (0.1, "mse")


def test_weight_decay_shrinks_kernels_and_leaves_biases_and_norms_alone():
    model = small("mse", keras.optimizers.SGD(0.5))
    changed = weight_decay(0.1).apply(model)
    variables = changed.trainable_variables
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    changed.optimizer.build(variables)
    changed.optimizer.apply([np.zeros(variable.shape, "float32") for variable in variables])
    after = {variable.path.split("/", 1)[-1]: float(variable.numpy().flat[0]) for variable in variables}
    assert {name: pytest.approx(0.95) if name.endswith("kernel") else 1.0 for name in after} == after


def test_weight_decay_replaces_the_optimizers_own():
    model = small("mse", keras.optimizers.AdamW(weight_decay=0.004))
    assert weight_decay(0.1).apply(model).optimizer.weight_decay == 0.1


def test_weight_decay_keeps_what_is_excluded_already():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["embeddings"])
    pattern = undecayed_pattern(weight_decay(0.1).apply(small("mse", optimizer)).optimizer)
    assert re.search(pattern, "embeddings")
    assert re.search(pattern, "bias")


def test_ema_switches_averaging_on():
    changed = ema(0.9).apply(small("mse")).optimizer
    assert (changed.use_ema, changed.ema_momentum) == (True, 0.9)


def test_an_optimizer_without_the_setting_is_refused():
    class Plain(keras.optimizers.SGD):
        def get_config(self):
            return {"learning_rate": 0.1}

    with pytest.raises(InputError, match=r"Expected an optimizer with the setting `weight_decay`. Received: Plain"):
        weight_decay(0.1).apply(small("mse", Plain()))


@pytest.mark.parametrize("value", [0, 1, -1, float("nan"), True, "0.1"])
def test_values_out_of_range_are_refused(value):
    with pytest.raises(InputError, match=r"Expected `amount` above 0 and below 1"):
        label_smoothing(value)
    with pytest.raises(InputError, match=r"Expected `momentum` above 0 and below 1"):
        ema(value)
    if value != 1 or value is True:
        with pytest.raises(InputError, match=r"Expected `rate` above 0"):
            weight_decay(value)
