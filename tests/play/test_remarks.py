from __future__ import annotations

import pytest

from regulab.histories.history import History
from regulab.play.remarks import (
    BestOfMany,
    Compared,
    Curve,
    Failed,
    FirstBegins,
    Healthy,
    InTraining,
    NextBegins,
    NoLoss,
    NothingTrained,
    OneSeedEach,
    OtherFinding,
    Overfits,
    RunName,
    SeedSpread,
    caution,
    compare,
    judge,
    remarks,
)
from regulab.play.runs import Run, View
from regulab.play.settings import Settings

FALLING = (0.6, 0.3, 0.2, 0.1)


def run(number, validation, *, training=FALLING, state="done", **settings):
    measures = {"train_data_loss": training, "val_data_loss": validation}
    return Run(number, Settings(epochs=4, **settings), History("baseline", 0, measures), state)


def test_a_run_overfits_from_the_epoch_at_which_its_validation_loss_has_risen():
    assert judge(run(1, (0.6, 0.4, 0.6, 0.7))) == Overfits(
        RunName(1, "as built"), onset=2, curve=Curve(best_epoch=1, lowest=0.4, end=0.7, train_end=0.1)
    )


def test_a_run_without_findings_is_healthy():
    steady = run(2, (0.6, 0.31, 0.3, 0.3, 0.3, 0.3), training=(0.6, 0.3, 0.29, 0.29, 0.29, 0.29), l2=0.01)
    assert judge(steady) == Healthy(RunName(2, "L2 0.01"), Curve(best_epoch=2, lowest=0.3, end=0.3, train_end=0.29))


def test_a_run_of_two_epochs_is_too_short_to_judge():
    finding = judge(run(1, (0.6, 0.4), training=(0.6, 0.3)))
    assert isinstance(finding, OtherFinding)
    assert "The log holds 2 epochs" in finding.message


def test_a_run_without_validation_loss_cannot_be_judged(monkeypatch):
    monkeypatch.setattr("regulab.play.remarks.diagnose_member", lambda history: [])
    assert judge(run(1, (float("nan"),) * 4)) == NoLoss(RunName(1, "as built"))


def test_a_run_is_compared_with_the_one_before_by_their_lowest_losses():
    runs = [run(1, (0.6, 0.4, 0.6, 0.7)), run(2, (0.6, 0.5, 0.38, 0.39), l2=0.1)]
    assert list(compare(runs)) == [Compared(0.38, pytest.approx(-0.02), RunName(1, "as built"))]
    assert list(compare(runs[::-1])) == [Compared(0.4, pytest.approx(0.02), RunName(2, "L2 0.1"))]
    assert list(compare(runs[:1])) == []


def test_a_difference_that_rounding_hides_is_none():
    assert list(compare([run(1, (0.6, 0.4)), run(2, (0.6, 0.40001), l2=0.1)])) == [
        Compared(0.40001, 0.0, RunName(1, "as built"))
    ]


def test_losses_that_are_not_finite_are_not_compared():
    assert list(compare([run(1, (float("nan"),) * 2), run(2, (0.6, 0.4))])) == []


def test_one_seed_proves_nothing():
    runs = [run(1, (0.6, 0.4)), run(2, (0.6, 0.3), l2=0.1)]
    assert list(caution(runs)) == [OneSeedEach()]
    assert list(caution(runs[:1])) == []


def test_runs_that_differ_in_their_seed_alone_show_how_much_is_luck():
    runs = [run(1, (0.6, 0.4)), run(2, (0.6, 0.3), l2=0.1), run(3, (0.6, 0.45), seed=1)]
    assert list(caution(runs)) == [SeedSpread(pytest.approx(0.05), lowest=0.45)]


def test_the_lowest_of_many_runs_is_partly_luck():
    runs = [run(number, (0.6, 0.4), l2=number / 10) for number in range(1, 5)]
    assert list(caution(runs)) == [OneSeedEach(), BestOfMany(4)]
    assert list(caution(runs[:3])) == [OneSeedEach()]


def test_a_run_in_training_is_not_judged():
    growing = run(1, (0.6, 0.4, 0.6), training=FALLING[:3], state="training")
    assert remarks(View((growing,), busy=True)) == (InTraining(RunName(1, "as built"), 3, 4),)


def test_an_error_comes_first_and_an_empty_view_has_a_remark_too():
    assert remarks(View((run(1, (0.6, 0.4)),), error="Training failed.")) == (Failed("Training failed."),)
    assert remarks(View(busy=True)) == (FirstBegins(),)
    assert remarks(View()) == (NothingTrained(),)


def test_the_latest_run_is_judged_then_compared_then_qualified():
    view = View((run(1, (0.6, 0.5, 0.4, 0.3)), run(2, (0.6, 0.4, 0.6, 0.7), l2=0.1)), busy=True)
    assert [type(remark) for remark in remarks(view)] == [Overfits, Compared, OneSeedEach, NextBegins]
