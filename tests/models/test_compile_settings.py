from __future__ import annotations

import keras
import pytest
from keras import layers as kl

from regulab.errors import InputError
from regulab.models.compiling import compile_settings
from regulab.models.keras_internals import learning_rate_source, undecayed_pattern
from regulab.variants import BASELINE, weight_decay


def small(**settings):
    model = keras.Sequential([keras.Input((3,)), kl.Dense(2, name="one"), kl.Dense(1, name="out")])
    model.compile(**settings)
    return model


def own_loss(y, p):
    return keras.ops.mean(keras.ops.abs(y - p), axis=-1)


def test_an_uncompiled_model_is_refused():
    model = keras.Sequential([keras.Input((3,)), kl.Dense(1)], name="raw")
    with pytest.raises(InputError, match=r"Expected a compiled model\. Received: 'raw'.*Call model\.compile\("):
        BASELINE.apply(model)


def test_the_optimizer_is_fresh_and_equal():
    model = small(optimizer=keras.optimizers.SGD(0.25, momentum=0.5, clipnorm=1.0), loss="mse")
    fresh = compile_settings(model)["optimizer"]
    assert fresh is not model.optimizer
    assert fresh.get_config() == model.optimizer.get_config()


def test_a_learning_rate_schedule_survives():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    model = small(optimizer=keras.optimizers.Adam(schedule), loss="mse")
    for variant in (BASELINE, weight_decay(0.1)):
        assert learning_rate_source(variant.apply(model).optimizer) is schedule


def test_a_custom_schedule_and_a_function_need_no_registration():
    class Halving(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

    for rate in (Halving(), lambda: 0.5):
        model = small(optimizer=keras.optimizers.SGD(rate), loss="mse")
        assert float(BASELINE.apply(model).optimizer.learning_rate) == 0.5


def test_losses_stay_the_same_objects_and_plain_functions_work():
    loss = keras.losses.Huber(delta=0.5)
    assert BASELINE.apply(small(loss=loss)).loss is loss
    assert BASELINE.apply(small(loss=own_loss)).loss is own_loss
    local = lambda y, p: own_loss(y, p)  # noqa: E731
    assert BASELINE.apply(small(loss=local)).loss is local


def test_metric_objects_are_created_again():
    class Biased(keras.metrics.Mean):
        def __init__(self, by, **kwargs):
            super().__init__(**kwargs)
            self.by = by

        def get_config(self):
            return super().get_config() | {"by": self.by}

    own = keras.metrics.MeanMetricWrapper(lambda y, p: own_loss(y, p), name="own")
    given = [keras.metrics.BinaryAccuracy(threshold=0.3), Biased(2, name="biased"), "mae", own_loss, own]
    metrics = compile_settings(small(loss="mse", metrics=given))["metrics"]
    assert [type(metric) for metric in metrics] == [type(metric) for metric in given]
    assert all(new is not old for new, old in zip(metrics, given, strict=True) if isinstance(old, keras.metrics.Metric))
    assert (metrics[0].threshold, metrics[1].by, metrics[4].name) == (0.3, 2, "own")


def test_nested_metrics_keep_their_structure():
    model = small(loss=["mse"], metrics={"out": ["mae", keras.metrics.MeanSquaredError(name="m")]})
    metrics = compile_settings(BASELINE.apply(model))["metrics"]
    assert [metric if isinstance(metric, str) else metric.name for metric in metrics["out"]] == ["mae", "m"]


def test_a_metric_that_cannot_be_created_again_is_named():
    class Needy(keras.metrics.Mean):
        def __init__(self, by):
            super().__init__(name="needy")

    with pytest.raises(InputError, match=r"Received: 'needy' of the class Needy"):
        compile_settings(small(loss="mse", metrics=[Needy(1)]))


def test_how_the_model_runs_is_kept():
    model = small(loss="mse", run_eagerly=True, steps_per_execution=3, jit_compile=False, loss_weights=[2.0])
    settings = compile_settings(BASELINE.apply(model))
    assert (settings["run_eagerly"], settings["steps_per_execution"], settings["jit_compile"]) == (True, 3, False)
    assert settings["loss_weights"] == [2.0]


def test_what_is_excluded_from_weight_decay_stays_excluded():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["embeddings"])
    model = small(optimizer=optimizer, loss="mse")
    assert undecayed_pattern(BASELINE.apply(model).optimizer) == "embeddings"


def test_a_loss_scale_optimizer_is_created_again_with_its_inner_optimizer():
    inner = keras.optimizers.Adam(0.5)
    scaled = keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0)
    changed = weight_decay(0.1).apply(small(optimizer=scaled, loss="mse")).optimizer
    assert changed is not scaled
    assert (changed.initial_scale, changed.inner_optimizer.weight_decay) == (8.0, 0.1)
    assert inner.weight_decay is None
