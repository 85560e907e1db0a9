from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.diagnosis.gap import GapParts, can_split, gap
from regulab.errors import InputError
from regulab.histories.history import MEASURES, Histories, History

#: Two epochs of a model with dropout, L2 and label smoothing.
MEASURED = {
    "loss": (0.95, 0.62),
    "val_loss": (0.80, 0.66),
    "epoch_data_loss": (0.70, 0.40),
    "noisy_data_loss": (0.60, 0.35),
    "train_data_loss": (0.50, 0.25),
    "val_data_loss": (0.55, 0.45),
    "penalty": (0.18, 0.14),
    "epoch_penalty": (0.20, 0.16),
}


def member(seed: int = 0, *, variant: str = "l2", shift: float = 0.0) -> History:
    return History(variant, seed, {name: (first, last + shift) for name, (first, last) in MEASURED.items()})


def test_the_parts_are_what_they_say() -> None:
    (record,) = gap(Histories((member(),)))
    last = record.last
    parts = (last.epoch, last.shown, last.true, last.dropout, last.lag, last.penalty, last.weighting)
    # val_loss holds 0.07 of label smoothing, loss 0.06.
    assert parts == pytest.approx((1, 0.04, 0.20, 0.10, 0.05, -0.02, 0.01))
    assert (record.variant, record.seeds, record.best_epoch, record.best) == ("l2", 1, 1, last)
    assert record.at("best") is record.best
    assert record.at("last") is record.last


def total(parts: GapParts) -> float:
    return parts.true + sum(amount for _, amount in parts.steps)


def test_the_parts_add_up_at_every_epoch() -> None:
    rng = np.random.default_rng(0)
    names = [*MEASURES, "loss", "val_loss"]
    members = [History("any", seed, {name: tuple(rng.normal(size=6)) for name in names}) for seed in range(3)]
    for parts in gap(Histories(tuple(members)))[0].epochs:
        assert total(parts) == pytest.approx(parts.shown, abs=1e-12)


def test_parts_are_means_over_the_seeds() -> None:
    (record,) = gap(Histories((member(0), member(1, shift=0.2))))
    assert record.seeds == 2
    assert record.epochs[0] == gap(Histories((member(0),)))[0].epochs[0]
    assert record.last.true == pytest.approx(0.20)


def test_a_loss_that_is_no_number_leaves_no_best_epoch() -> None:
    broken = History("l2", 0, dict.fromkeys(MEASURED, (math.nan, math.inf)))
    (record,) = gap(Histories((broken,)))
    assert (record.best_epoch, record.best, record.at("best")) == (None, None, None)
    assert math.isnan(record.last.true)


def test_a_log_of_another_tool_is_refused_in_one_sentence() -> None:
    histories = Histories((History("log.csv", 0, {"loss": (0.5,), "val_loss": (0.6,)}),))
    assert not can_split(histories)
    with pytest.raises(InputError, match=r"of 'log\.csv'\. Received none of: train_data_loss, .*A study run"):
        gap(histories)
    assert can_split(Histories((member(),)))
    assert not can_split(Histories(()))


@pytest.mark.slow
def test_the_parts_add_up_on_what_a_training_recorded() -> None:
    import keras

    import regulab as rl

    rng = np.random.default_rng(0)
    features = rng.normal(size=(120, 6)).astype("float32")
    labels = (features[:, 0] > 0).astype("float32").reshape(-1, 1)
    data = rl.data.arrays(features, labels, validation=0.3)

    def build() -> keras.Model:
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    both = rl.l2(0.01) + rl.dropout(0.5) + rl.label_smoothing(0.1)
    results = rl.Study(build, data, variants=[both], epochs=2, batch_size=20, seeds=1).run(progress=False)
    baseline, changed = results.gap()
    for parts in (*baseline.epochs, *changed.epochs):
        assert total(parts) == pytest.approx(parts.shown, abs=1e-6)
    assert (baseline.last.dropout, baseline.last.penalty) == (0, 0)
    assert baseline.last.weighting == pytest.approx(0, abs=1e-6)
    assert min(abs(changed.last.dropout), abs(changed.last.penalty), abs(changed.last.weighting)) > 1e-5
