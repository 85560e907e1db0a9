from __future__ import annotations

import pytest

from regulab.diagnosis.checks.seeds_disagree import SeedsDisagree
from regulab.diagnosis.finding import NotApplicable, Passed
from regulab.diagnosis.seed_agreement import disagreements
from regulab.histories.history import Histories, History

STEADY = (0.300, 0.302, 0.301)


def study(rows: dict[str, tuple[float, ...]], *, training: dict[float, float] | None = None) -> Histories:
    """Trainings that begin at 0.69 and get down to these losses; training losses by the validation loss reached."""
    return Histories(
        tuple(
            History(
                variant,
                seed,
                {"val_data_loss": (0.69, loss, 0.69)}
                | ({} if training is None else {"train_data_loss": (0.69, 0.5, training.get(loss, 0.05))}),
            )
            for variant, row in rows.items()
            for seed, loss in enumerate(row)
        )
    )


def test_stuck_trainings_are_told_with_every_value_and_with_what_the_variant_itself_reaches() -> None:
    histories = study({"baseline": STEADY, "smaller": (0.490, 0.491, 0.308)}, training={0.490: 0.3, 0.491: 0.31})
    (finding,) = SeedsDisagree().run({}, histories)
    assert (finding.code, finding.severity) == ("SEEDS-DISAGREE", "warning")
    assert finding.message == (
        "smaller: the seeds disagree (0.490, 0.491, 0.308), and 2 of 3 trainings are stuck: their training loss stalls "
        "at 0.300, where the others' falls to 0.050. Their mean, 0.430, describes no training; smaller itself reaches "
        "0.308."
    )
    assert finding.evidence == {
        "val_loss_seed_0": 0.490,
        "val_loss_seed_1": 0.491,
        "val_loss_seed_2": 0.308,
        "stuck": 2,
        "train_loss_stuck": 0.3,
        "train_loss_others": 0.05,
    }


def test_trainings_that_fit_their_examples_as_well_are_not_said_to_stall() -> None:
    found = disagreements(study({"baseline": STEADY, "smaller": (0.490, 0.491, 0.308)}, training={}))
    assert found is not None
    assert [(variant.stuck, variant.stalls) for variant in found] == [((0, 1), False)]


@pytest.mark.parametrize(
    ("rows", "disagreeing"),
    [
        ({"baseline": STEADY, "l2": (0.310, 0.305, 0.320)}, []),
        # Certain, but too little to matter.
        ({"baseline": (0.3, 0.3001, 0.3002), "l2": (0.31, 0.30, 0.32)}, []),
        # All spread alike.
        ({"baseline": (0.30, 0.36, 0.33), "l2": (0.35, 0.31, 0.38)}, []),
        # Another variant that fails as well hides neither.
        (
            {"baseline": STEADY, "l2": STEADY, "smaller": (0.49, 0.491, 0.308), "tiny": (0.3, 0.5, 0.5)},
            ["smaller", "tiny"],
        ),
        # Nor does a baseline that fails.
        ({"baseline": (0.30, 0.50, 0.50), "l2": STEADY}, ["baseline"]),
        # Without other variants, by the gap alone.
        ({"baseline": (0.301, 0.499, 0.300, 0.503, 0.302, 0.500)}, ["baseline"]),
        # Two seeds are enough where several variants show what is ordinary.
        (
            {"baseline": (0.3, 0.302), "l1": (0.301, 0.303), "l2": (0.299, 0.302), "smaller": (0.3, 0.5)},
            ["smaller"],
        ),
    ],
)
def test_seeds_disagree_where_some_fail_and_not_where_all_spread_alike(
    rows: dict[str, tuple[float, ...]], disagreeing: list[str]
) -> None:
    found = disagreements(study(rows))
    assert found is not None
    assert [variant.variant for variant in found] == disagreeing


def test_one_seed_cannot_disagree() -> None:
    assert isinstance(SeedsDisagree().run({}, study({"baseline": (0.3,), "smaller": (0.5,)})), NotApplicable)
    assert isinstance(SeedsDisagree().run({}, study({"baseline": STEADY})), Passed)
