"""One test for each private part of Keras and TensorFlow that regulab reads.

A test that fails here says that Keras has changed, and its message names what of regulab breaks.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers as kl

import regulab
from regulab.models import keras_internals as internals
from regulab.models.layer_names import numbered_from_the_start

SOURCE = Path(regulab.__file__).parent


def compiled(*, optimizer="adam", **settings):
    model = keras.Sequential([keras.Input((3,)), kl.Dense(2, name="one"), kl.Dense(1, name="out")])
    model.compile(optimizer, "mse", **settings)
    return model


def branching():
    x = keras.Input((3,), name="x")
    left = kl.Dense(2, name="left")(x)
    right = kl.Dense(2, name="right")(x)
    return keras.Model(x, kl.Add(name="sum")([left, right]))


def own_loss(y, p):
    return keras.ops.mean(keras.ops.abs(y - p), axis=-1)


def test_the_arguments_of_compile_are_kept_as_objects():
    arguments = internals.compile_arguments(compiled(metrics=[own_loss]))
    assert arguments is not None, "Model._compile_config.config is gone: no model can be compiled like another"
    assert (arguments["loss"], arguments["metrics"]) == ("mse", [own_loss]), (
        "Model._compile_config.config no longer holds what compile was given: variants lose losses and metrics"
    )


def test_metrics_are_listed_with_whether_they_are_weighted():
    model = compiled(metrics=["mae"], weighted_metrics=["mse"])
    container = internals.compiled_metrics(model)
    container.build(np.zeros((1, 1)), np.zeros((1, 1)))
    metrics = [(metric.name, weighted) for metric, weighted in internals.metrics_with_weighting(container)]
    assert metrics == [("mae", False), ("mse", True)], (
        "Model._compile_metrics, _flat_metrics or _flat_weighted_metrics has changed: the compiled kernels would "
        "report other metrics than Keras"
    )
    assert internals.compiled_metrics(compiled()) is None, "the compiled kernels take a model without metrics for one"


def test_a_metric_gives_the_function_that_it_averages():
    metric = keras.metrics.MeanMetricWrapper(own_loss, name="own")
    assert internals.metric_function(metric) == (own_loss, {}), (
        "MeanMetricWrapper._fn or _fn_kwargs has changed: metrics of plain Python functions cannot be made anew"
    )


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule without a config."""

    def __call__(self, step):
        return 0.5


def test_an_optimizer_gives_its_schedule():
    schedule = Halving()
    optimizer = keras.optimizers.Adam(schedule)
    assert internals.learning_rate_source(optimizer) is schedule, (
        "Optimizer._learning_rate has changed: variants lose learning-rate schedules, and the compiled kernels keep "
        "the first rate"
    )
    with pytest.raises(NotImplementedError):
        optimizer.get_config()
    # Fails where Keras reads the rate elsewhere: then an optimizer with such a schedule cannot be made anew.
    assert internals.without_learning_rate(optimizer).get_config()["beta_1"] == optimizer.beta_1
    assert internals.learning_rate_source(optimizer) is schedule, "the copy changed the optimizer that it was made of"


def test_an_optimizer_says_what_it_excludes_from_weight_decay():
    optimizer = keras.optimizers.AdamW()
    assert internals.undecayed_pattern(optimizer) is None
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma"])
    assert set(str(internals.undecayed_pattern(optimizer)).split("|")) == {"bias", "gamma"}, (
        "Optimizer._exclude_from_weight_decay_pattern has changed: variants decay what the model excludes from it"
    )


def test_an_optimizer_says_which_variables_it_decays():
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    layer = compiled(optimizer=optimizer).get_layer("one")
    assert [internals.is_decayed(optimizer, variable) for variable in (layer.kernel, layer.bias)] == [True, False], (
        "Optimizer._use_weight_decay has changed: the kernels decay other weights than Keras, and fingerprints miss it"
    )


def test_an_optimizer_gives_the_moving_averages_of_the_weights():
    model = compiled(optimizer=keras.optimizers.SGD(0.5, use_ema=True))
    model.optimizer.build(model.trainable_variables)
    averages = internals.weight_averages(model.optimizer)
    assert [tuple(average.shape) for average in averages] == [tuple(v.shape) for v in model.trainable_variables], (
        "Optimizer._model_variables_moving_average has changed: the variant ema would be measured without its average"
    )


def test_adam_gives_both_moments_of_a_variable():
    model = compiled()
    model.optimizer.build(model.trainable_variables)
    kernel = model.get_layer("out").kernel
    names = [moment.path.rsplit("/", 1)[-1] for moment in internals.adam_moments(model.optimizer, kernel)]
    assert [name.rsplit("_", 1)[-1] for name in names] == ["momentum", "velocity"], (
        "Adam._momentums, _velocities or _get_variable_index has changed: the fused update of Adam writes elsewhere"
    )


def test_layers_inside_of_other_layers_are_listed():
    model = keras.Sequential([keras.Input((4, 3)), kl.TimeDistributed(kl.Dense(2, name="inner"), name="outer")])
    names = [layer.name for layer in internals.every_layer(model, include_self=False)]
    assert {"outer", "inner"} <= set(names), (
        "Layer._flatten_layers has changed: fingerprints and variants of subclassed models miss nested layers"
    )
    assert internals.every_layer(model)[0] is model, "Layer._flatten_layers no longer begins with the model itself"


def test_functional_models_are_recognized():
    class Connected(keras.Model):
        """Made from tensors, by which Keras makes it a functional model."""

    class Subclassed(keras.Model):
        """Calls its layers in its own code."""

    x = keras.Input((3,))
    models = [branching(), Connected(x, kl.Dense(1)(x)), Subclassed(), compiled()]
    message = "keras.src.models.functional.Functional has moved: no variant applies to functional models"
    assert [internals.is_functional(model) for model in models[:3]] == [True, True, False], message
    assert [internals.is_plain_functional(model) for model in models] == [True, False, False, False], (
        "Functional has another name: the compiled kernels and sparse input leave functional models out"
    )


def test_the_graph_of_a_functional_model_can_be_walked():
    model = branching()
    (end,) = internals.output_nodes(model)
    assert end.operation.name == "sum", "KerasTensor._keras_history or _inbound_nodes has changed: no graph to change"
    assert [node.operation.name for node in end.parent_nodes] == ["left", "right"], (
        "Node.parent_nodes has changed: regulab cannot tell hidden layers from the output"
    )
    assert internals.producer(model.inputs[0]).name == "x", (
        "KerasTensor._keras_history has changed: inputs lose their names when a model is cloned"
    )


def test_layers_say_what_calls_them_and_what_takes_their_results():
    model = branching()
    counts = [(len(internals.calls_of(layer)), len(internals.calls_on_results_of(layer))) for layer in model.layers]
    assert counts == [(1, 2), (1, 1), (1, 1), (1, 0)], (
        "Layer._inbound_nodes or _outbound_nodes has changed: branching models would be trained as chains"
    )


def test_a_lambda_layer_gives_its_output_shape():
    layer = kl.Lambda(lambda x: x, output_shape=(3,))
    assert internals.lambda_output_shape(layer) == (3,), (
        "Lambda._output_shape has changed: models with Lambda layers cannot be rebuilt"
    )


def test_layers_with_adapters_give_the_variable_of_their_kernel():
    dense, embedding = kl.Dense(2), kl.Embedding(5, 2)
    for layer, kind in ((dense, "kernel"), (embedding, "embeddings")):
        layer.build((None, 3))
        layer.enable_lora(1)
        assert isinstance(internals.weight_variable(layer, kind), keras.Variable), (
            f"{type(layer).__name__}._{kind} has changed: penalties on subclassed models with adapters do not act"
        )


def test_results_carry_their_mask():
    embedded = kl.Embedding(5, 2, mask_zero=True)(np.array([[1, 0]]))
    mask = internals.mask_of(embedded)
    assert mask is not None, "_keras_mask is gone: padding counts in the data loss of sequences"
    assert np.asarray(mask).tolist() == [[True, False]]
    assert internals.mask_of(tf.zeros(2)) is None


def test_keras_is_known_by_the_module_of_its_code():
    message = "Keras's code has moved from keras.src: no models share a trace, and studies of many seeds start slowly"
    assert all(map(internals.is_keras_code, (kl.Dense, keras.activations.relu, keras.optimizers.Adam))), message
    assert not internals.is_keras_code(own_loss)
    assert internals.is_preprocessing_code(kl.Normalization), (
        "Keras's layers for preprocessing have moved: models share a trace although these layers learned other values"
    )
    assert not internals.is_preprocessing_code(kl.Dense)


def test_keras_numbers_names_from_the_start_when_asked():
    kl.Dense(1)
    before = internals.name_counters()
    message = "Keras numbers names in another place: layers get other names in each seed, so that `layers=` fits none"
    assert before["dense"] > 0, message
    with numbered_from_the_start():
        assert internals.name_counters() == Counter()
        assert kl.Dense(1).name == "dense", message
    assert internals.name_counters()["dense"] >= before["dense"], "names are given twice in one session"


def test_tensorflow_says_its_seed():
    before = internals.tensorflow_seed()
    tf.random.set_seed(7)
    try:
        assert internals.tensorflow_seed() == 7, (
            "tensorflow.python.eager.context.global_seed has changed: the user's own seed is lost after a study"
        )
    finally:
        tf.random.set_seed(before)


#: Rooms whose code handles objects of Keras.
ROOMS = ("models", "variants", "training", "play", "study.py")
#: Private attributes of other libraries there, and why.
ALLOWED = {
    ("training/kernels/code_cache.py", "_cache"): "Numba's cache of compiled functions",
    ("training/kernels/code_cache.py", "_cache_file"): "Numba's cache of compiled functions",
    ("training/kernels/code_cache.py", "_source_stamp"): "Numba's cache of compiled functions",
}
#: Methods of named tuples, which begin with an underscore so that no field has their name.
SELF = ("self", "cls")
PUBLIC = {"_asdict", "_replace", "_fields", "_make"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def foreign_attributes(tree: ast.Module) -> set[str]:
    """The private attributes of others that code uses, by name or through `getattr` and its like."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_private(node.attr)]
    of_self = {
        node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
    }
    by_text = {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("getattr", "setattr", "hasattr", "delattr")
        and isinstance(node.args[1], ast.Constant)
        and is_private(node.args[1].value)
    }
    return ({node.attr for node in attributes} - of_self - own) | by_text


def private_modules(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name for name in names if name.startswith(("keras.src", "tensorflow.python"))}


def parsed() -> dict[str, ast.Module]:
    files = sorted(SOURCE.rglob("*.py"))
    return {file.relative_to(SOURCE).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def test_no_other_module_touches_what_is_private_to_keras():
    trees = parsed()
    known = foreign_attributes(trees.pop("models/keras_internals.py"))
    assert {"_compile_config", "_inbound_nodes", "_use_weight_decay"} <= known
    for path, tree in trees.items():
        foreign = foreign_attributes(tree)
        if not path.startswith(ROOMS):
            foreign &= known
        foreign -= {name for module, name in ALLOWED if module == path}
        assert not foreign, f"{path} reads {sorted(foreign)}: read it in models/keras_internals.py, with a test here"
        assert not private_modules(tree), f"{path} imports a private module: use models/keras_internals.py"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("model._compile_config.config", {"_compile_config"}),
        ('getattr(optimizer, "_learning_rate", None)', {"_learning_rate"}),
        ("def step(optimizer):\n    optimizer._momentums[0]", {"_momentums"}),
        ("class A:\n    def f(self):\n        self._x = 1\n    def g(self, other):\n        return other._x", set()),
        ("row._asdict()", set()),
    ],
)
def test_private_attributes_of_others_are_seen(code, expected):
    assert foreign_attributes(ast.parse(code)) == expected


def test_every_function_that_reads_private_parts_has_a_test_here():
    functions = [node.name for node in parsed()["models/keras_internals.py"].body if isinstance(node, ast.FunctionDef)]
    tests = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in functions if f"internals.{name}" not in tests] == ["set_name_counters"]
