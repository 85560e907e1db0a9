from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import regulab as rl
from regulab.errors import InputError
from regulab.histories.history import MEASURES
from regulab.report.table import table_title
from regulab.training.engine import Engine
from regulab.training.members import build_members

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on NumPy 2 while it saves a model
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]
EPOCHS, ROWS, FEATURES = 3, 80, 6


def make_data():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(ROWS, FEATURES)).astype("float32")
    y = (x[:, 0] + rng.normal(size=ROWS) > 0).astype("int64")
    return rl.data.arrays(x, y, validation=0.3, test=0.2, name="blobs")


def build_model(features=FEATURES):
    model = keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    return model


def make_study(variants):
    return rl.Study(build_model, make_data(), variants=variants, epochs=EPOCHS, batch_size=16, seeds=2)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A study with its run folder."""
    study = make_study([rl.dropout(0.5), rl.l2(0.1), rl.ema(0.5)])
    return study, study.run(tmp_path_factory.mktemp("runs") / "blobs", progress=False)


def test_every_member_records_every_measure_in_every_epoch(finished):
    _, results = finished
    assert {(member.variant, member.seed) for member in results.histories} == {
        (variant, seed) for variant in ("baseline", "dropout", "l2", "ema") for seed in (0, 1)
    }
    wanted = {*MEASURES, "loss", "val_loss", "accuracy", "val_accuracy"}
    for member in results.histories:
        assert set(member.measures) == wanted
        assert all(len(values) == EPOCHS and np.isfinite(values).all() for values in member.measures.values())


def test_the_parts_of_the_gap_add_up_in_every_epoch(finished):
    _, results = finished
    for member in results.histories:
        value = {name: np.array(values) for name, values in member.measures.items()}
        generalization = value["val_data_loss"] - value["train_data_loss"]
        noise = value["noisy_data_loss"] - value["train_data_loss"]
        lag = value["epoch_data_loss"] - value["noisy_data_loss"]
        penalty = value["penalty"] - value["epoch_penalty"]
        np.testing.assert_allclose(
            value["val_loss"] - value["loss"], generalization - noise - lag + penalty, atol=2e-6, err_msg=member.variant
        )
        assert (value["penalty"] > 0).all()
        assert bool((noise != 0).all()) == (member.variant == "dropout")


def test_the_same_seeds_give_the_same_histories_and_others_do_not(finished):
    _, results = finished
    again = make_study([rl.dropout(0.5), rl.l2(0.1), rl.ema(0.5)]).run(progress=False)
    assert [(member.variant, member.seed) for member in again.histories] == [
        (member.variant, member.seed) for member in results.histories
    ]
    for first, second in zip(results.histories, again.histories, strict=True):
        assert dict(first.measures) == dict(second.measures), f"{first.variant} {first.seed}"
    for variant in again.histories.variants:
        one, other = again.histories.of(variant)
        assert one.measures["loss"] != other.measures["loss"]


def test_variants_of_the_same_shape_start_from_the_baselines_weights():
    # With a learning rate of nothing the weights stay as they began.
    def build():
        model = build_model()
        model.compile(keras.optimizers.SGD(1e-12), "binary_crossentropy")
        return model

    variants = [rl.dropout(0.5), rl.l2(0.1), rl.width(2)]
    results = rl.Study(build, make_data(), variants=variants, epochs=1, seeds=2).run(progress=False)
    for seed in (0, 1):
        at_start = {
            name: member.measures["val_data_loss"][0]
            for name in results.histories.variants
            for member in results.histories.of(name)
            if member.seed == seed
        }
        baseline, dropout, l2, width = at_start.values()
        assert baseline == pytest.approx(dropout, rel=1e-6) == pytest.approx(l2, rel=1e-6)
        assert width != pytest.approx(baseline, rel=1e-3)


def test_the_example_losses_average_to_the_validation_loss_of_the_best_epoch(finished):
    study, results = finished
    loaded = rl.load(results.folder)
    for member in loaded.histories:
        losses = loaded.losses[member.variant, member.seed]
        assert losses.validation.shape == (len(study.data.validation),)
        assert losses.test.shape == (len(study.data.test),)
        assert losses.validation.mean() == pytest.approx(member.at("val_data_loss", member.best_epoch), rel=1e-5)


def test_a_saved_model_is_plain_keras_and_scores_as_recorded(finished):
    study, results = finished
    split = study.data.validation
    for member in results.histories:
        model = keras.models.load_model(results.folder / "models" / f"{member.variant}-seed{member.seed}.keras")
        penalty = float(sum(model.losses))
        loss = model.evaluate(split.x, split.y, verbose=0, return_dict=True)["loss"]
        assert loss == pytest.approx(member.at("val_loss", member.best_epoch), rel=1e-4)
        assert loss - penalty == pytest.approx(member.at("val_data_loss", member.best_epoch), rel=1e-4)


LOAD_WITHOUT_REGULAB = """
import sys
sys.modules["regulab"] = None  # any import of it now fails
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
saved = np.load(sys.argv[2])
print(model.evaluate(saved["x"], saved["y"], verbose=0, return_dict=True)["loss"])
"""


def test_a_saved_model_loads_where_regulab_is_not_installed(finished, tmp_path):
    study, results = finished
    split = study.data.validation
    np.savez(tmp_path / "validation.npz", x=split.x, y=split.y)
    member = results.histories.of("dropout")[0]
    file = results.folder / "models" / f"dropout-seed{member.seed}.keras"
    done = subprocess.run(
        [sys.executable, "-c", LOAD_WITHOUT_REGULAB, str(file), str(tmp_path / "validation.npz")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(member.at("val_loss", member.best_epoch), rel=1e-4)


def test_a_finished_run_leaves_its_files_and_nothing_temporary(finished):
    _, results = finished
    names = {path.name for path in Path(results.folder).iterdir()}
    assert names == {"study.json", "histories.csv", "losses.npz", "results.json", "report.html", "figures", "models"}


def test_a_variant_whose_model_cannot_be_saved_does_not_cost_the_run_its_results(tmp_path):
    def build():
        model = build_model()
        # Keras cannot write a function that is no function of a module.
        model.save = lambda *_: (_ for _ in ()).throw(TypeError("Cannot serialize\nthis loss."))
        return model

    study = rl.Study(build, make_data(), variants=[], epochs=1, seeds=1)
    with pytest.warns(UserWarning, match=r"^Cannot save the model of baseline, seed 0: Cannot serialize this loss\. "):
        study.run(tmp_path / "run", progress=False)
    assert rl.load(tmp_path / "run").histories.variants == ("baseline",)
    assert list((tmp_path / "run" / "models").iterdir()) == []


def test_a_builder_that_seeds_itself_is_noticed():
    def build_seeded():
        keras.utils.set_random_seed(7)
        return build_model()

    study = rl.Study(build_seeded, make_data(), variants=[], epochs=1, seeds=2)
    with pytest.warns(
        UserWarning,
        match=r"Seeds 0 and 1 start from the same weights.*build_seeded\(\).*Remove keras.utils.set_random_seed",
    ):
        study.run(progress=False)


def test_the_warning_about_one_class_points_to_the_line_of_the_caller():
    x = np.arange(20.0).reshape(10, 2)
    data = rl.data.arrays(x, np.ones(10), validation=(x + 30, [0, 1] * 5))
    with pytest.warns(UserWarning, match=r"All 10 labels of 'train' are 1\.0") as warned:
        rl.Study(lambda: build_model(features=2), data, variants=[])
    assert warned[0].filename == __file__


def test_class_weights_reach_the_training():
    def loss_with(weights):
        study = rl.Study(build_model, make_data(), variants=[], epochs=1, seeds=1, class_weight=weights)
        return study.run(progress=False).histories.of("baseline")[0].measures["loss"][0]

    assert loss_with({0: 1.0, 1: 5.0}) > 1.5 * loss_with(None)
    with pytest.raises(InputError, match=r"Received: class_weight=\{'a': 1\}"):
        loss_with({"a": 1})


def test_a_model_with_averaged_weights_is_the_one_of_its_best_epoch():
    # At such a rate the first epoch is the best, and the average goes on after it.
    def build():
        model = build_model()
        model.compile(keras.optimizers.SGD(5.0), "binary_crossentropy")
        return model

    study = rl.Study(build, make_data(), variants=[rl.ema(0.5)], epochs=4, batch_size=16, seeds=2)
    results = study.run(progress=False)
    assert any(member.best_epoch < 3 for member in results.histories.of("ema"))
    for member in results.histories.of("ema"):
        split, model = study.data.validation, results.models["ema", member.seed]
        loss = model.evaluate(split.x, split.y, verbose=0, return_dict=True)["loss"]
        assert loss == pytest.approx(member.at("val_loss", member.best_epoch), rel=1e-4)


def test_averaged_weights_are_measured_also_where_the_optimizer_scales_the_loss():
    def losses(scaled):
        def build():
            model = build_model()
            plain = keras.optimizers.SGD(0.5)
            # As Keras does by itself with mixed precision.
            model.compile(keras.optimizers.LossScaleOptimizer(plain) if scaled else plain, "binary_crossentropy")
            return model

        study = rl.Study(build, make_data(), variants=[rl.ema(0.9)], epochs=2, batch_size=16, seeds=1)
        histories = study.run(progress=False).histories
        return [histories.array("val_data_loss", variant)[0] for variant in histories.variants]

    baseline, averaged = losses(scaled=True)
    assert averaged == pytest.approx(losses(scaled=False)[1], rel=1e-3)
    assert not np.allclose(averaged, baseline, rtol=0.01)


def test_a_model_whose_metrics_hide_the_loss_ends_after_its_epochs():
    class Renamed(keras.Model):
        def __init__(self):
            super().__init__()
            self.out = keras.layers.Dense(1, activation="sigmoid")
            self.total = keras.metrics.Mean(name="total")

        def call(self, x):
            return self.out(x)

        @property
        def metrics(self):
            return [self.total]

        def test_step(self, data):
            x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
            self.total.update_state(self.compute_loss(x, y, self(x)))
            return self.get_metrics_result()

    def build():
        model = Renamed()
        model.compile("sgd", "binary_crossentropy")
        return model

    results = rl.Study(build, make_data(), variants=[], epochs=2, seeds=1).run(progress=False)
    assert len(results.histories.of("baseline")[0].measures["val_data_loss"]) == 2


def test_a_model_that_was_trained_before_starts_as_new_as_its_variants():
    def build_trained():
        model = build_model()
        model.optimizer.build(model.trainable_variables)
        model.optimizer.iterations.assign(500)
        return model

    members = build_members(build_trained, make_data(), variants=[rl.dropout(0.5)], seeds=(0,))
    for member in members:
        member.model.optimizer.build(member.model.trainable_variables)
    assert [int(member.model.optimizer.iterations) for member in members] == [0, 0]
    assert float(members[0].model.optimizer.learning_rate) == pytest.approx(0.02)


def test_a_sequential_class_with_a_constructor_of_its_own_is_built_anew():
    class Mine(keras.Sequential):
        def __init__(self):
            super().__init__([keras.Input((FEATURES,)), keras.layers.Dense(1, activation="sigmoid")])
            self.compile("sgd", "binary_crossentropy")

    members = build_members(Mine, make_data(), variants=[rl.label_smoothing(0.1)], seeds=(0,))
    assert [type(member.model) for member in members] == [Mine, Mine]
    assert members[0].model is not members[1].model


def test_a_study_has_a_repr_of_one_line():
    study = rl.Study(build_model, make_data(), variants=[rl.l2(0.01)], seeds=2, epochs=EPOCHS)
    assert repr(study) == "<Study of blobs: baseline, l2; seeds: 2, epochs: 3>"


def test_a_variant_that_also_regularizes_is_not_a_change_of_size_alone():
    study = make_study([rl.width(2), rl.width(2) + rl.depth(1), rl.width(2) + rl.l2(0.1), rl.l2(0.1)])
    members = build_members(build_model, study.data, variants=study.variants, seeds=study.seeds)
    sizes = [entry["name"] for entry in study.document(members)["variants"] if entry["capacity"]]
    assert sizes == [variant.name for variant in study.variants[:2]]


def interrupted_study(monkeypatch, *, in_epoch):
    """A study that Ctrl-C stopped while its second runner trained in an epoch counted from 1, and what was raised."""
    study = make_study([rl.l2(0.1), rl.train_size(0.5)])
    train_epoch = Engine.train_epoch

    def train_epoch_and_stop(engine, *, tick):
        if engine.epoch + 1 == in_epoch:
            last = engine.runners[-1]
            monkeypatch.setattr(type(last), "validate", stop)
        train_epoch(engine, tick=tick)

    def stop(runner, values, *, tick):
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "train_epoch", train_epoch_and_stop)
    with pytest.raises(KeyboardInterrupt) as raised:
        study.run(progress=False)
    return study, raised.value


def test_an_interrupted_run_without_a_folder_keeps_the_epochs_that_all_members_finished(monkeypatch):
    whole = make_study([rl.l2(0.1), rl.train_size(0.5)])
    whole.epochs = 2
    expected = whole.run(progress=False)
    study, interrupt = interrupted_study(monkeypatch, in_epoch=3)
    assert interrupt.__notes__ == ["Interrupted after 2 of 3 epochs. The results so far are in the study's `results`."]
    results = study.results
    for member, other in zip(results.histories, expected.histories, strict=True):
        assert member.measures == other.measures
    for key, losses in results.losses.items():
        np.testing.assert_array_equal(losses.test, expected.losses[key].test)
    assert repr(results).endswith("epochs: 2 of 3, interrupted>")
    assert table_title(results.study).endswith("interrupted after 2 of 3 epochs")


def test_a_run_interrupted_in_its_first_epoch_keeps_nothing(monkeypatch):
    study, _ = interrupted_study(monkeypatch, in_epoch=1)
    assert study.results is None
