from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers as kl
from scipy.sparse import csr_array

import regulab as rl
from regulab.diagnosis.run_checks import diagnose_member
from regulab.errors import InputError, NotApplicableError

pytestmark = pytest.mark.slow
ROWS = 60


def features(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=(ROWS, *shape)).astype("float32")


def halves(x):
    """Two classes that the first value of each row decides."""
    return (x.reshape(ROWS, -1)[:, 0] > 0).astype("int64")


def compiled(model, loss="binary_crossentropy", **options):
    model.compile(keras.optimizers.Adam(0.01), loss, **options)
    return model


def stack(*layers, shape=(4,), loss="binary_crossentropy", units=1, activation="sigmoid", **options):
    model = keras.Sequential([keras.Input(shape), *layers, kl.Dense(units, activation=activation)])
    return compiled(model, loss, **options)


def train(build, data, *variants, epochs=1):
    """Train for an epoch or two and check that everything that is promised was measured."""
    study = rl.Study(build, data, variants=variants, epochs=epochs, batch_size=16, seeds=1)
    results = study.run(progress=False)
    assert results.histories.variants == ("baseline", *(variant.name for variant in variants))
    for member in results.histories:
        assert member.epochs == epochs
        for measure in ("loss", "val_loss", "train_data_loss", "noisy_data_loss", "val_data_loss", "penalty"):
            assert np.isfinite(member.measures[measure]).all(), measure
        diagnose_member(member)
    assert isinstance(results.model("baseline"), keras.Model)
    return results


def test_dense_arrays_with_two_classes():
    x = features(4)
    train(lambda: stack(kl.Dense(4)), rl.data.arrays(x, halves(x)), rl.l2(0.01))


def test_multi_hot_rows_stay_sparse_and_give_what_dense_ones_give():
    x = (np.random.default_rng(1).random((ROWS, 12)) < 0.3).astype("float32")
    build = lambda: stack(kl.Dense(4, activation="relu"), shape=(12,))  # noqa: E731
    sparse = train(build, rl.data.arrays(csr_array(x), halves(features(4))), rl.l2(0.01))
    dense = train(build, rl.data.arrays(x, halves(features(4))), rl.l2(0.01))
    for first, second in zip(sparse.histories, dense.histories, strict=True):
        for measure in ("loss", "val_loss", "train_data_loss"):
            np.testing.assert_allclose(first.measures[measure], second.measures[measure], rtol=1e-4)


def test_class_numbers_one_hot_rows_and_quantities():
    x = features(4)
    classes = np.arange(ROWS) % 3
    build = lambda loss: stack(loss=loss, units=3, activation="softmax", metrics=["accuracy"])  # noqa: E731
    numbers = train(lambda: build("sparse_categorical_crossentropy"), rl.data.arrays(x, classes))
    one_hot = train(lambda: build("categorical_crossentropy"), rl.data.arrays(x, np.eye(3)[classes]))
    first, second = (results.histories.of("baseline")[0].measures for results in (numbers, one_hot))
    np.testing.assert_allclose(first["val_data_loss"], second["val_data_loss"], rtol=1e-4)
    train(lambda: stack(loss="mse", activation=None, metrics=["mae"]), rl.data.arrays(x, x.sum(axis=1)))


def test_a_data_frame():
    x = features(4)
    frame = pd.DataFrame(x, columns=["a", "b", "c", "d"]).assign(ill=halves(x))
    train(lambda: stack(kl.Dense(4)), rl.data.frame(frame, target="ill", test=0.2))


def streams(x, y):
    whole = tf.data.Dataset.from_tensor_slices((x, y))
    return whole.take(44).batch(16), whole.skip(44).batch(16)


def test_a_stream_with_plain_labels_and_a_metric_that_wants_columns():
    x = features(4)
    results = train(
        lambda: stack(kl.Dense(4), metrics=["binary_crossentropy"]),
        rl.data.stream(*streams(x, halves(x))),
        rl.dropout(0.5),
        epochs=2,
    )
    assert results.losses["baseline", 0].validation.shape == (ROWS - 44,)


def test_a_stream_of_a_generator_of_unknown_length():
    x = features(4)
    y = halves(x)

    def rows(start, stop):
        spec = (tf.TensorSpec((None, 4), tf.float32), tf.TensorSpec((None, 1), tf.int64))

        def generate():
            for at in range(start, stop, 8):
                yield x[at : at + 8], y[at : at + 8, None]

        return tf.data.Dataset.from_generator(generate, output_signature=spec)

    results = train(lambda: stack(kl.Dense(4)), rl.data.stream(rows(0, 44), rows(44, ROWS)), epochs=2)
    assert results.study["data"]["train"] is None
    plain = train(
        lambda: stack(kl.Dense(4)),
        rl.data.stream(*(part.unbatch().batch(8) for part in (rows(0, 44), rows(44, ROWS)))),
        epochs=2,
    )
    for measure, values in results.histories.of("baseline")[0].measures.items():
        np.testing.assert_allclose(values, plain.histories.of("baseline")[0].measures[measure], rtol=1e-4, atol=1e-6)


def test_streams_refuse_train_size_and_class_weight():
    x = features(4)
    data = rl.data.stream(*streams(x, halves(x)[:, None]))
    with pytest.raises(NotApplicableError, match=r"Expected arrays for variant 'train_size.*Use `.take\(...\)`"):
        rl.Study(lambda: stack(), data, variants=[rl.train_size(0.5)])
    with pytest.raises(InputError, match=r"Expected arrays with class_weight.*Let the stream yield"):
        rl.Study(lambda: stack(), data, variants=[], class_weight={0: 1.0, 1: 2.0})


def test_a_functional_model_with_two_branches():
    def build():
        inputs = keras.Input((4,))
        left = kl.Dense(4, activation="relu")(inputs)
        right = kl.Dense(4, activation="tanh")(inputs)
        return compiled(keras.Model(inputs, kl.Dense(1, activation="sigmoid")(kl.Concatenate()([left, right]))))

    x = features(4)
    train(build, rl.data.arrays(x, halves(x)), rl.dropout(0.5) + rl.l2(0.01))
    sparse = csr_array(np.maximum(x, 0))
    train(build, rl.data.arrays(sparse, halves(x)))


def test_images_and_convolutions():
    build = lambda: stack(  # noqa: E731
        kl.Conv2D(2, 3, activation="relu"),
        kl.Flatten(),
        shape=(8, 8, 1),
        units=10,
        activation="softmax",
        loss="sparse_categorical_crossentropy",
    )
    data = rl.data.digits(flat=False)
    train(build, data, rl.l2(0.01) + rl.dropout(0.2))


def test_sequences_and_recurrent_layers():
    x = np.random.default_rng(2).integers(0, 9, (ROWS, 5))
    layers = lambda: (kl.Embedding(9, 3), kl.LSTM(3, return_sequences=True), kl.GRU(2))  # noqa: E731
    train(lambda: stack(*layers(), shape=(5,)), rl.data.arrays(x, halves(x - 4.0)), rl.dropout(0.3))


@keras.saving.register_keras_serializable("regulab-tests")
class OwnModel(keras.Model):
    """A model whose layers are called in its own code."""

    def __init__(self, **options):
        super().__init__(**options)
        self.hidden = kl.Dense(4, activation="relu", name="hidden")
        self.drop = kl.Dropout(0.2)
        self.out = kl.Dense(1, activation="sigmoid", name="out")

    def call(self, x, training=False):
        return self.out(self.drop(self.hidden(x), training=training))


def test_a_subclassed_model_through_its_builder(tmp_path):
    x = features(4)
    data = rl.data.arrays(x, halves(x))
    variants = (rl.l2(0.01, layers="hidden"), rl.label_smoothing(0.1), rl.train_size(0.5))
    results = train(lambda: compiled(OwnModel()), data, *variants)
    assert results.histories.of(variants[0].name)[0].measures["penalty"][0] > 0
    with pytest.raises(NotApplicableError, match=r"class OwnModel.*label_smoothing, weight_decay, ema and train_size"):
        train(lambda: compiled(OwnModel()), data, rl.width(2))
    with pytest.raises(NotApplicableError, match=r"Pass the function that builds it"):
        rl.Study(compiled(OwnModel()), data, variants=[])


def test_masked_steps_do_not_count_in_the_losses():
    x = np.where(np.arange(6) < 3, np.random.default_rng(0).integers(1, 5, (ROWS, 6)), 0)
    layers = [kl.Embedding(5, 3, mask_zero=True), kl.LSTM(3, return_sequences=True)]
    make = lambda: stack(  # noqa: E731
        *[type(layer).from_config(layer.get_config()) for layer in layers],
        shape=(6,), loss="sparse_categorical_crossentropy", units=5, activation="softmax",
    )  # fmt: skip
    # Half of each row is padding, so that the mean over the steps that count is Keras's mean, too.
    measures = train(make, rl.data.arrays(x, x)).histories.of("baseline")[0].measures
    assert measures["val_data_loss"] == pytest.approx(measures["val_loss"], rel=1e-5)


class Unnamed(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = kl.Dense(3)
        self.out = kl.Dense(1, activation="sigmoid")

    def call(self, x):
        return self.out(self.hidden(x))


@pytest.mark.parametrize("make", [lambda: stack(kl.Dense(3)), Unnamed], ids=["sequential", "subclassed"])
def test_automatic_names_are_the_same_in_every_call_of_the_builder(make):
    def build():
        model = make()
        return compiled(model, metrics=[keras.metrics.AUC(), keras.metrics.Precision()])

    build()  # as for a look at the summary
    x = features(4)
    variants = [rl.l2(0.1, layers=["dense"])]
    study = rl.Study(build, rl.data.arrays(x, halves(x)), variants=variants, epochs=1, seeds=2)
    results = study.run(progress=False)
    assert np.isfinite(results.histories.array("val_auc", "l2")).all()
    assert {"auc", "precision"} <= set(results.histories.measures)
    assert not any(measure.startswith("auc_") for measure in results.histories.measures)
    # What is made next has another name, so that both go into one model.
    assert kl.Dense(1).name not in {layer.name for layer in results.model("l2").layers}


def test_a_frozen_part_from_outside_may_have_the_name_of_a_new_layer():
    frozen = keras.Sequential([keras.Input((4,)), kl.Dense(3, name="dense", trainable=False)])

    def build():
        inputs = keras.Input((4,))
        out = kl.Dense(1, activation="sigmoid")(frozen.layers[0](inputs))
        return compiled(keras.Model(inputs, out))

    kl.Dense(1)  # takes the name, as the frozen part did when it was made
    x = features(4)
    train(build, rl.data.arrays(x, halves(x)))


def test_a_metric_of_several_values_is_recorded_value_by_value():
    x = features(4)
    labels = np.eye(3)[np.arange(ROWS) % 3]
    metrics = lambda: [keras.metrics.F1Score(name="f1"), keras.metrics.F1Score(average="macro", name="macro")]  # noqa: E731
    build = lambda: stack(loss="categorical_crossentropy", units=3, activation="softmax", metrics=metrics())  # noqa: E731
    measures = train(build, rl.data.arrays(x, labels)).histories.of("baseline")[0].measures
    scores = [measures[f"val_f1_{output}"][0] for output in range(3)]
    assert np.mean(scores) == pytest.approx(measures["val_macro"][0])
    single = lambda: stack(metrics=[keras.metrics.F1Score(threshold=0.5, name="f1")])  # noqa: E731
    assert "f1" in train(single, rl.data.arrays(x, halves(x).astype("float32"))).histories.measures


class Squared(keras.losses.Loss):
    """Not registered with Keras, as most are not."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * keras.ops.mean((y_true - y_pred) ** 2, axis=-1)


def test_a_loss_of_a_class_of_the_users():
    x = features(4)
    build = lambda: stack(kl.Dense(4), loss=Squared(2.0))  # noqa: E731
    member = train(build, rl.data.arrays(x, halves(x))).histories.of("baseline")[0]
    assert member.measures["val_data_loss"] == pytest.approx(member.measures["val_loss"])


def test_a_study_without_variants_of_its_own_says_which_of_the_courses_it_left_out():
    x = features(4)
    study = rl.Study(lambda: compiled(OwnModel()), rl.data.arrays(x, halves(x)))
    assert study.variants == ()
    assert [note.partition(":")[0] for note in study.skipped] == ["smaller", "bigger", "l2, l2+dropout", "dropout"]
    assert all("Pass the function" not in note for note in study.skipped)
    assert "Name some of: hidden" in study.skipped[2]


def test_one_reason_to_leave_variants_out_is_said_once():
    x = features(4)
    study = rl.Study(lambda: stack(), rl.data.arrays(x, halves(x)))
    (note,) = study.skipped
    assert note.startswith("smaller, bigger, l2, dropout, l2+dropout: Expected a model with hidden layers")


class CountedModel(keras.Model):
    """A training step of its own, which takes the loss three times."""

    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = 3.0 * self.compute_loss(x, y, self(x, training=True), weight)
        self.optimizer.apply_gradients(
            zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables, strict=True)
        )
        self._loss_tracker.update_state(loss)
        return self.get_metrics_result()


class CountedSequential(keras.Sequential):
    """The same as a Sequential model."""

    train_step = CountedModel.train_step


@pytest.mark.parametrize("sparse", [False, True])
def test_a_training_step_of_the_models_own_is_kept(sparse):
    def functional():
        inputs = keras.Input((4,))
        return compiled(CountedModel(inputs, kl.Dense(1, activation="sigmoid")(kl.Dense(4)(inputs))))

    def sequential():
        return compiled(CountedSequential([keras.Input((4,)), kl.Dense(3), kl.Dense(1, activation="sigmoid")]))

    x = np.maximum(features(4), 0)
    # Whole batches, since the model's own tracker weighs them all alike.
    data = rl.data.arrays(csr_array(x) if sparse else x, halves(x), test=None)
    for build in (functional, sequential) if sparse else (functional,):
        for member in train(build, data, rl.dropout(0.1)).histories:
            loss, data_loss = member.measures["loss"][0], member.measures["epoch_data_loss"][0]
            assert loss == pytest.approx(3 * data_loss, rel=1e-4)


class PairedModel(keras.Model):
    """Steps that unpack what `fit` gives them where no example has a weight."""

    def train_step(self, data):
        x, y = data
        return super().train_step((x, y))

    def test_step(self, data):
        x, y = data
        return super().test_step((x, y))


class TripleModel(keras.Model):
    """Steps that unpack what `fit` gives them where examples have weights."""

    def train_step(self, data):
        x, y, weight = data
        return super().train_step((x, y, weight))


@pytest.mark.parametrize("model", [PairedModel, TripleModel])
def test_a_step_of_the_models_own_gets_weights_only_where_there_are_some_as_in_fit(model):
    def build():
        inputs = keras.Input((4,))
        return compiled(model(inputs, kl.Dense(1, activation="sigmoid")(inputs)))

    x = features(4)
    weight = np.linspace(0.5, 1.5, len(x)) if model is TripleModel else None
    build().fit(x, halves(x), sample_weight=weight, epochs=1, verbose=0)
    train(build, rl.data.arrays(x, halves(x), sample_weight=weight))


def test_a_model_that_runs_eagerly():
    seen = []

    class Watching(kl.Layer):
        def call(self, x):
            seen.append(tf.executing_eagerly())
            return x

    x = features(4)
    train(lambda: stack(Watching(), run_eagerly=True), rl.data.arrays(x, halves(x)))
    assert True in seen


def test_a_compiled_model_serves_as_a_template_and_stays_as_it_was():
    x = features(4)
    template = stack(kl.Dense(4))
    before = template.get_weights()
    study = rl.Study(template, rl.data.arrays(x, halves(x)), variants=[], epochs=1, seeds=2)
    one, other = study.run(progress=False).histories
    assert one.measures["loss"] != other.measures["loss"]
    assert all(np.array_equal(first, second) for first, second in zip(before, template.get_weights(), strict=True))


def test_a_model_that_does_not_say_its_input_shape():
    x = features(4)
    build = lambda: compiled(keras.Sequential([kl.Dense(4), kl.Dense(1, activation="sigmoid")]))  # noqa: E731
    train(build, rl.data.arrays(x, halves(x)), rl.dropout(0.5))
