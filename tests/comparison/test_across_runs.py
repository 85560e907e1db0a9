from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from regulab.comparison.across_runs import RunLosses, compare_runs

LOSSES = np.array([0.2, 0.4, 0.3])
FIRST = RunLosses("a", "digits", "12ab", "mse", "test", {"l2": "l2(0.001)"}, {"l2": {0: LOSSES, 1: LOSSES + 0.01}})


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (replace(FIRST, name="b"), None),
        (replace(FIRST, name="b", fingerprint="34cd"), "its data are not those of a: other examples under the same"),
        (
            replace(FIRST, name="b", fingerprint="34cd", title="imdb"),
            "its data are not those of a: imdb against digits",
        ),
        (replace(FIRST, name="b", fingerprint=""), "b has no fingerprint of its data"),
        (replace(FIRST, name="b", fingerprint="00000000"), "b has no fingerprint of its data"),
        (replace(FIRST, name="b", loss="mae"), "its loss is mae, that of a is mse"),
        (replace(FIRST, name="b", split="validation"), "its losses are of validation data, those of a of test data"),
        (replace(FIRST, name="b", losses={"l1": {0: LOSSES}}), "it has no variant in common with a"),
        (replace(FIRST, name="b", losses={"l2": {7: LOSSES}}), "it has no seed in common with a"),
        (replace(FIRST, name="b", losses={"l2": {0: LOSSES[:2]}}), "it has losses of another number of examples"),
    ],
)
def test_runs_are_compared_on_the_same_examples_by_the_same_loss(run: RunLosses, reason: str | None) -> None:
    found = compare_runs([FIRST, run])
    assert found.reasons[0] is None
    if reason is None:
        assert found.reasons[1] is None
        assert found.comparisons[1]
    else:
        assert str(found.reasons[1]).startswith(reason)
        assert found.comparisons[1] == ()


def test_seeds_are_paired_by_their_number() -> None:
    other = replace(FIRST, name="b", losses={"l2": {1: LOSSES + 0.03, 0: LOSSES + 0.01, 9: LOSSES}})
    ((), (found,)) = compare_runs([FIRST, other]).comparisons
    assert (found.seeds, found.control, found.variant) == (2, "a", "l2")
    assert found.difference == pytest.approx(0.015)


def test_all_comparisons_are_corrected_together() -> None:
    better = replace(FIRST, name="b", losses={"l2": {0: LOSSES - 0.1, 1: LOSSES - 0.09 + LOSSES / 1000}})
    alone = compare_runs([FIRST, better]).comparisons[1][0].p_value
    both = compare_runs([FIRST, better, replace(FIRST, name="c")])
    assert both.comparisons[1][0].p_value == pytest.approx(2 * alone)


def test_other_strengths_under_the_same_name_are_pointed_out() -> None:
    found = compare_runs([FIRST, replace(FIRST, name="b", labels={"l2": "l2(0.1)"})])
    assert found.notes == ("l2 is l2(0.1) in b and l2(0.001) in a.",)
