"""Each kind of variant on each kind of model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from regulab.models.graph import hidden_layers
from regulab.variants.catalogue import KINDS, parse
from regulab.variants.variant import BASELINE

RESHAPING = ("smaller", "width(2)", "deeper", "shallower")
SAME_SHAPES = (*(kind for kind in KINDS if kind not in {"width", "depth"}), "l2+dropout")


def shapes(model):
    return [tuple(weight.shape) for weight in model.weights]


def output_settings(model):
    """What the layers from the output layer on are, as text."""
    layers = [layer for layer in model.layers if layer.name in {"out", "out_norm", "last"}]
    return json.dumps([layer.get_config() for layer in layers], sort_keys=True, default=str)


@pytest.mark.parametrize("kind", SAME_SHAPES)
def test_the_weights_of_the_baseline_fit_and_give_the_same_predictions(kind, model, some_inputs):
    changed = parse(kind).apply(model)
    assert [weight.path.split("/")[-2:] for weight in changed.weights] == [
        weight.path.split("/")[-2:] for weight in model.weights
    ]
    changed.set_weights(model.get_weights())
    x = some_inputs(model)
    np.testing.assert_allclose(changed(x), model(x), rtol=1e-6)


@pytest.mark.parametrize("kind", [*SAME_SHAPES, *RESHAPING])
def test_the_output_layer_is_never_touched(kind, model):
    changed = parse(kind).apply(model)
    assert output_settings(changed) == output_settings(model)
    assert changed.output_shape == model.output_shape


@pytest.mark.parametrize("kind", ["width(2)", "deeper", "l2", "dropout", "label_smoothing", "weight_decay", "ema"])
def test_the_given_model_stays_as_it_was(kind, model):
    config, weights = model.to_json(), model.get_weights()
    settings, optimizer = model.get_compile_config(), model.optimizer
    parse(kind).apply(model)
    assert model.to_json() == config
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))
    assert model.get_compile_config() == settings
    assert model.optimizer is optimizer


def test_the_baseline_is_the_same_model_once_more_with_fresh_weights(model):
    again = BASELINE.apply(model)
    assert again is not model
    assert json.loads(again.to_json())["config"]["layers"] == json.loads(model.to_json())["config"]["layers"]
    assert again.compiled
    assert not np.array_equal(again.get_layer("one").get_weights()[0], model.get_layer("one").get_weights()[0])


@pytest.mark.parametrize("kind", RESHAPING)
def test_a_change_of_capacity_gives_a_model_that_predicts(kind, model, some_inputs):
    changed = parse(kind).apply(model)
    assert shapes(changed) != shapes(model)
    assert changed(some_inputs(model)).shape == (4, 1)


def test_hidden_layers_leave_out_the_output_layer(model):
    names = [layer.name for layer in hidden_layers(model)]
    assert "one" in names
    assert "out" not in names


@pytest.mark.parametrize("kind", ["l1", "l2", "l1_l2"])
def test_every_hidden_kernel_adds_its_penalty_to_the_losses(kind, model):
    assert len(parse(kind).apply(model).losses) == len(hidden_layers(model))


def test_a_variant_trains(dense):
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 10)), rng.integers(0, 2, (16, 1))
    variant = parse("l2+dropout+weight_decay+ema+label_smoothing+max_norm+gaussian_noise")
    history = variant.apply(dense).fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert "accuracy" in history.history
