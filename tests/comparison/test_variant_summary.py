from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.comparison.summary import VariantSummary, summarize
from regulab.histories.example_losses import ExampleLosses, LossTable
from regulab.histories.history import Histories, History

NAN = math.nan


def member(variant: str, seed: int, train: tuple[float, ...], validation: tuple[float, ...]) -> History:
    return History(variant, seed, {"train_data_loss": train, "val_data_loss": validation})


def losses(*members: History, test: bool = True) -> LossTable:
    """Test losses 0.1 for seed 0, 0.3 for seed 1 and so on."""
    return {
        (one.variant, one.seed): ExampleLosses(np.full(4, 0.5), np.full(3, 0.1 + 0.2 * one.seed) if test else None)
        for one in members
    }


def summary(*members: History, test: bool = True) -> VariantSummary:
    (line,) = summarize(Histories(members), losses(*members, test=test), {members[0].variant: 17})
    return line


def test_each_seed_counts_at_its_own_best_epoch() -> None:
    line = summary(
        member("l2", 0, (0.5, 0.4, 0.3, 0.2), (0.6, 0.4, 0.5, 0.6)),
        member("l2", 1, (0.6, 0.5, 0.4, 0.3), (0.8, 0.7, 0.6, 1.0)),
    )
    assert line.val_loss_best == pytest.approx((0.4 + 0.6) / 2)
    assert line.train_loss_best == pytest.approx((0.4 + 0.4) / 2)
    assert line.val_loss_last == pytest.approx((0.6 + 1.0) / 2)
    assert line.train_loss_last == pytest.approx((0.2 + 0.3) / 2)
    assert line.test_loss_best == pytest.approx((0.1 + 0.3) / 2)
    assert (line.variant, line.parameters, line.best_epoch, line.epochs) == ("l2", 17, 1, 4)
    assert line.lost == pytest.approx(0.8 / 0.5 - 1)


def test_the_best_epoch_is_the_median_of_the_seeds() -> None:
    curves = [(0.4, 0.5, 0.6, 0.7), (0.5, 0.6, 0.4, 0.7), (0.7, 0.6, 0.5, 0.4)]  # best epochs 0, 2 and 3
    assert summary(*(member("l2", seed, curve, curve) for seed, curve in enumerate(curves))).best_epoch == 2


def test_the_first_of_equal_epochs_is_the_best() -> None:
    assert summary(member("l2", 0, (0.5, 0.4, 0.3), (0.5, 0.4, 0.4))).best_epoch == 1


def test_one_epoch_is_the_best_and_the_last() -> None:
    line = summary(member("l2", 0, (0.5,), (0.6,)))
    assert (line.best_epoch, line.val_loss_best, line.val_loss_last, line.lost) == (0, 0.6, 0.6, 0)


def test_without_a_test_split_the_test_loss_is_nan() -> None:
    assert math.isnan(summary(member("l2", 0, (0.5,), (0.6,)), test=False).test_loss_best)


def test_a_member_that_was_never_finite_leaves_no_best_epoch() -> None:
    line = summary(member("l2", 0, (NAN, NAN), (NAN, math.inf)))
    assert line.best_epoch is None
    assert math.isnan(line.val_loss_best)
    assert math.isnan(line.lost)


def test_one_seed_that_was_never_finite_is_not_averaged_away() -> None:
    line = summary(member("l2", 0, (0.5, 0.4), (0.6, 0.5)), member("l2", 1, (NAN, NAN), (NAN, NAN)))
    assert line.best_epoch == 1
    assert math.isnan(line.val_loss_best)


def test_a_perfect_loss_has_no_share_to_lose() -> None:
    assert math.isnan(summary(member("l2", 0, (0.0, 0.0), (0.0, 0.5))).lost)


def test_variants_keep_their_order() -> None:
    members = [member(name, 0, (0.5,), (0.6,)) for name in ("l2", "baseline", "dropout")]
    line = summarize(Histories(tuple(members)), losses(*members), {"baseline": 1, "l2": 2, "dropout": 3})
    assert [(line.variant, line.parameters) for line in line] == [("l2", 2), ("baseline", 1), ("dropout", 3)]


def test_seeds_that_may_overfit_are_counted_with_the_reason() -> None:
    stays = ((0.6, 0.5, 0.4, 0.38, 0.37), (0.6, 0.5, 0.42, 0.41, 0.41))
    noisy = ((0.6, 0.5, 0.4, 0.3, 0.2, 0.1), (0.6, 0.5, 0.7, 0.45, 0.7, 0.55))
    line = summary(member("l2", 0, *stays), member("l2", 1, *noisy))
    assert (line.seeds, line.overfitting, line.undecided, line.doubt) == (2, 0.0, 0.5, "too noisy")


def test_seeds_in_which_neither_loss_falls_are_counted() -> None:
    stuck = (0.693, 0.692, 0.692, 0.692, 0.692)
    assert summary(member("l2", 0, stuck, stuck)).underfitting == 1.0


def test_the_share_of_overfitting_seeds_is_that_of_the_finding() -> None:
    turns = ((0.6, 0.3, 0.2, 0.1, 0.05), (0.6, 0.4, 0.5, 0.7, 0.9))
    stays = ((0.6, 0.5, 0.4, 0.38, 0.37), (0.6, 0.5, 0.42, 0.41, 0.41))
    assert summary(member("l2", 0, *turns), member("l2", 1, *stays)).overfitting == 0.5
