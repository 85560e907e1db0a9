from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulab.comparison.across_runs import Obstacle, ObstacleKind, OtherLabel, RunLosses, SeedsLeftOut, across_runs

LOSSES = np.array([0.2, 0.4, 0.3])
FIRST = RunLosses("a", "digits", "12ab", "mse", "test", {"l2": "l2(0.001)"}, {"l2": {0: LOSSES, 1: LOSSES + 0.01}})


@pytest.mark.parametrize(
    ("run", "kind", "values"),
    [
        (replace(FIRST, name="b", fingerprint="34cd"), ObstacleKind.OTHER_EXAMPLES, ("digits", "digits")),
        (replace(FIRST, name="b", fingerprint="34cd", title="imdb"), ObstacleKind.OTHER_DATA, ("imdb", "digits")),
        (replace(FIRST, name="b", fingerprint=""), ObstacleKind.NO_FINGERPRINT, ("", "")),
        (replace(FIRST, name="b", fingerprint="00000000"), ObstacleKind.NO_FINGERPRINT, ("", "")),
        (replace(FIRST, name="b", loss="mae"), ObstacleKind.OTHER_LOSS, ("mae", "mse")),
        (replace(FIRST, name="b", split="validation"), ObstacleKind.OTHER_SPLIT, ("validation", "test")),
        (replace(FIRST, name="b", losses={"l1": {0: LOSSES}}), ObstacleKind.NO_COMMON_VARIANT, ("", "")),
        (replace(FIRST, name="b", losses={"l2": {7: LOSSES}}), ObstacleKind.NO_COMMON_SEED, ("", "")),
        (replace(FIRST, name="b", losses={"l2": {0: LOSSES[:2]}}), ObstacleKind.OTHER_NUMBER_OF_EXAMPLES, ("", "")),
    ],
)
def test_runs_are_not_compared_on_other_examples_or_by_another_loss(
    run: RunLosses, kind: ObstacleKind, values: tuple[str, str]
) -> None:
    across = across_runs([FIRST, run])
    assert across.obstacles == (None, Obstacle(kind, "b", "a", values))
    assert across.comparisons == ((), ())


def test_runs_on_the_same_examples_by_the_same_loss_are_compared() -> None:
    across = across_runs([FIRST, replace(FIRST, name="b")])
    assert across.obstacles == (None, None)
    assert [len(comparisons) for comparisons in across.comparisons] == [0, 1]


def test_a_first_run_without_a_fingerprint_is_the_obstacle() -> None:
    first = replace(FIRST, fingerprint="")
    assert across_runs([first, replace(FIRST, name="b")]).obstacles[1] == Obstacle(
        ObstacleKind.NO_FINGERPRINT, "a", "a"
    )


def test_seeds_are_paired_by_their_number() -> None:
    other = replace(FIRST, name="b", losses={"l2": {1: LOSSES + 0.03, 0: LOSSES + 0.01, 9: LOSSES}})
    ((), (comparison,)) = across_runs([FIRST, other]).comparisons
    assert (comparison.seeds, comparison.control, comparison.variant) == (2, "a", "l2")
    assert comparison.difference == pytest.approx(0.015)


def test_all_comparisons_are_corrected_together() -> None:
    better = replace(FIRST, name="b", losses={"l2": {0: LOSSES - 0.1, 1: LOSSES - 0.09 + LOSSES / 1000}})
    alone = across_runs([FIRST, better]).comparisons[1][0].p_value
    both = across_runs([FIRST, better, replace(FIRST, name="c")])
    assert both.comparisons[1][0].p_value == pytest.approx(2 * alone)


def test_other_strengths_under_the_same_name_are_pointed_out() -> None:
    across = across_runs([FIRST, replace(FIRST, name="b", labels={"l2": "l2(0.1)"})])
    assert across.remarks == (OtherLabel("l2", "b", "l2(0.1)", "a", "l2(0.001)"),)


def test_seeds_that_only_one_run_has_are_pointed_out() -> None:
    across = across_runs([FIRST, replace(FIRST, name="b", losses={"l2": {0: LOSSES}})])
    assert across.remarks == (SeedsLeftOut("b", "a"),)
