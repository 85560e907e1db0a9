from __future__ import annotations

import numpy as np
import pytest

from regulab.diagnosis.checks.changed_nothing import VariantChangedNothing
from regulab.diagnosis.checks.duplicates import DuplicatesAcrossSplits
from regulab.diagnosis.checks.edge_of_grid import EdgeOfGrid
from regulab.diagnosis.checks.penalty_changes_gradient import PenaltyChangesGradient
from regulab.diagnosis.checks.validation_is_test import ValidationIsTest
from regulab.diagnosis.finding import NotApplicable, Passed
from regulab.diagnosis.run_checks import diagnose_study
from regulab.histories.history import Histories, History

NONE = Histories(())
SILENT = (Passed, NotApplicable)
GRID = EdgeOfGrid()


def test_validation_on_the_test_split_is_named() -> None:
    (finding,) = ValidationIsTest().run({"data": {"validation_is_test": True, "validation": 25_000}}, NONE)
    assert (finding.code, finding.severity) == ("TEST-USED-FOR-VALIDATION", "warning")
    assert finding.evidence == {"examples": 25_000}


@pytest.mark.parametrize("study", [{}, {"data": None}, {"data": {}}, {"data": {"validation_is_test": False}}])
def test_a_separate_test_split_gives_no_finding(study: dict[str, object]) -> None:
    assert isinstance(ValidationIsTest().run(study, NONE), SILENT)


def test_training_examples_among_the_others_are_named_with_their_share() -> None:
    data = {"validation": 200, "test": 1000, "duplicates": {"validation": 10, "test": 1}}
    (finding,) = DuplicatesAcrossSplits().run({"data": data}, NONE)
    assert (finding.code, finding.severity) == ("DUPLICATES-ACROSS-SPLITS", "warning")
    assert finding.message == (
        "10 validation examples (5.0%) and 1 test example (0.1%) are in the training split, too."
    )
    assert finding.evidence["validation_share"] == 0.05


def test_few_duplicates_are_an_info() -> None:
    (finding,) = DuplicatesAcrossSplits().run(
        {"data": {"test": 1000, "duplicates": {"validation": 0, "test": 1}}}, NONE
    )
    assert finding.severity == "info"


@pytest.mark.parametrize(
    "study", [{}, {"data": {"test": 9}}, {"data": {"duplicates": None}}, {"data": {"duplicates": {"test": 0}}}]
)
def test_no_duplicates_give_no_finding(study: dict[str, object]) -> None:
    assert isinstance(DuplicatesAcrossSplits().run(study, NONE), SILENT)


def test_a_penalty_that_makes_a_gradient_dense_is_a_warning_and_one_that_would_in_fit_an_info() -> None:
    study = {
        "variants": [
            {"name": "baseline"},
            {"name": "l2", "penalty_by_row": ["words"]},
            {"name": "l1", "penalty_by_row": ["words", "places"], "dense_gradient": ["table"]},
        ]
    }
    dense, by_row = PenaltyChangesGradient().run(study, NONE)
    assert (dense.code, dense.severity, dense.evidence) == ("PENALTY-CHANGES-GRADIENT", "warning", {"variants": 1})
    assert dense.message.startswith("l1: the penalty makes the gradient of table dense")
    assert (by_row.code, by_row.severity, by_row.evidence) == ("PENALTY-CHANGES-GRADIENT", "info", {"variants": 2})
    assert by_row.message.startswith("l2, l1: regulab read the penalty on words and places row by row")


@pytest.mark.parametrize("study", [{}, {"variants": []}, {"variants": [{"name": "l2"}]}])
def test_penalties_on_other_layers_give_no_finding(study: dict[str, object]) -> None:
    assert isinstance(PenaltyChangesGradient().run(study, NONE), SILENT)


def grid(losses: dict[str, float], *, seeds: int = 1, spread: float = 0.0) -> tuple[dict[str, object], Histories]:
    """A study with these best validation losses; seeds differ by `spread` in opposite ways."""
    members = [
        History(name, seed, {"val_data_loss": (0.9, loss + spread * (-1) ** (seed + number), 0.9)})
        for number, (name, loss) in enumerate(losses.items())
        for seed in range(seeds)
    ]
    return {"variants": [{"name": name, "label": name} for name in losses]}, Histories(tuple(members))


def test_the_strongest_of_a_grid_being_best_is_named() -> None:
    study, histories = grid({"baseline": 0.5, "l2(0.0001)": 0.45, "l2(0.001)": 0.4, "l2(0.01)": 0.3})
    (finding,) = GRID.run(study, histories)
    assert (finding.code, finding.severity) == ("EDGE-OF-GRID", "info")
    assert finding.message == (
        "Of l2 with 0.0001, 0.001, 0.01, the highest, 0.01, has the best validation loss (0.3; 0.4 with 0.001)."
    )
    assert "Try higher ones" in finding.advice
    assert [finding.code for finding in diagnose_study(study, histories)] == ["EDGE-OF-GRID"]


def test_the_weakest_of_a_grid_being_best_is_named_where_it_beats_the_baseline() -> None:
    strengths = {"dropout(0.2)": 0.3, "dropout(0.5)": 0.4, "dropout(0.8)": 0.5}
    (finding,) = GRID.run(*grid({"baseline": 0.5, **strengths}))
    assert "Try lower ones" in finding.advice
    assert isinstance(GRID.run(*grid({"baseline": 0.2, **strengths})), SILENT)


def test_a_best_in_the_middle_or_within_the_noise_of_its_neighbour_is_not_named() -> None:
    assert isinstance(GRID.run(*grid({"l2(0.0001)": 0.4, "l2(0.001)": 0.3, "l2(0.01)": 0.4})), SILENT)
    near = {"width(1/4)": 0.40, "width(16)": 0.39, "width(64)": 0.38}
    assert isinstance(GRID.run(*grid(near, seeds=4, spread=0.05)), SILENT)
    assert len(GRID.run(*grid(near, seeds=4))) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("l2(0.001)", "l2(0.01)"),
        ("l2", "l1", "dropout"),
        ("l2(0.1)+dropout(0.1)", "l2(0.2)+dropout(0.1)", "l2(0.3)+dropout(0.1)"),
        ("l1_l2(0.1, 0.1)", "l1_l2(0.2, 0.1)", "l1_l2(0.3, 0.1)"),
        ("train_size(0.1)", "train_size(0.5)", "train_size(0.9)"),
        ("l2(weak)", "l2(1/0)", "l2(0.1)"),
    ],
)
def test_variants_that_are_no_grid_give_no_finding(names: tuple[str, ...]) -> None:
    assert isinstance(GRID.run(*grid({name: 0.5 - number / 10 for number, name in enumerate(names)})), SILENT)


def test_a_grid_without_finite_losses_or_histories_gives_no_finding() -> None:
    study, histories = grid({"l2(0.0001)": float("inf"), "l2(0.001)": 0.4, "l2(0.01)": 0.3})
    losses = {"val_data_loss": (float("nan"),)}
    broken = Histories(tuple(History(name, 0, losses) for name in histories.variants))
    assert isinstance(GRID.run(study, broken), SILENT)
    assert isinstance(GRID.run(study, NONE), SILENT)


def test_of_grids_whose_strengths_are_equally_good_few_seem_to_have_a_better_end() -> None:
    rng = np.random.default_rng(0)
    names = [f"l2({10.0**-power:g})" for power in range(5, 0, -1)]
    study = {"variants": [{"name": name, "label": name} for name in names]}
    given = 0
    for losses in 0.3 + 0.01 * rng.standard_normal((200, len(names), 3)):
        members = [
            History(name, seed, {"val_data_loss": (float(loss),)})
            for name, row in zip(names, losses, strict=True)
            for seed, loss in enumerate(row)
        ]
        given += GRID.run(study, Histories(tuple(members))) != Passed()
    assert given <= 6


@pytest.mark.parametrize(
    ("best", "advice"), [("baseline", "Try lower"), ("width(2)", None), ("width(4)", None), ("width(8)", "Try higher")]
)
def test_the_baseline_is_one_of_the_widths(best: str, advice: str | None) -> None:
    losses = dict.fromkeys(["baseline", "width(2)", "width(4)", "width(8)"], 0.5) | {best: 0.3}
    outcome = GRID.run(*grid(losses))
    if advice is None:
        assert outcome == Passed()
    else:
        assert [advice in finding.advice for finding in outcome] == [True]


def pair(*, shift: float, seeds: int = 2, name: str = "max_norm(3)") -> Histories:
    """A baseline and a variant whose losses in the last epoch of the last seed are higher by a share."""
    members = []
    for variant in ("baseline", name):
        for seed in range(seeds):
            last = 0.5 * (1 + shift * (variant == name and seed == seeds - 1))
            measures = {"train_data_loss": (0.6, 0.4, last), "val_data_loss": (0.7, 0.5 + seed / 100, last)}
            members.append(History(variant, seed, measures))
    return Histories(tuple(members))


@pytest.mark.parametrize("shift", [0.0, 1e-5])
def test_a_variant_that_trains_as_the_baseline_does_changed_nothing(shift: float) -> None:
    (finding,) = VariantChangedNothing().run({}, pair(shift=shift))
    assert (finding.code, finding.severity, finding.evidence) == ("VARIANT-CHANGED-NOTHING", "warning", {"variants": 1})
    assert finding.message.startswith("max_norm(3): in every epoch and with every seed, both losses equal the baseline")


def test_a_variant_that_differs_in_one_epoch_of_one_seed_changed_something() -> None:
    assert isinstance(VariantChangedNothing().run({}, pair(shift=1e-3)), Passed)


@pytest.mark.parametrize(
    "histories",
    [
        NONE,
        Histories((History("baseline", 0, {"val_data_loss": (0.5,)}), History("l2", 0, {"val_data_loss": (0.5,)}))),
        Histories(
            tuple(
                History(variant, seed, {"train_data_loss": (0.5,), "val_data_loss": (0.5,)})
                for variant, seed in (("baseline", 0), ("l2", 1))
            )
        ),
    ],
    ids=["no trainings", "no training loss", "other seeds"],
)
def test_without_a_pair_of_trainings_nothing_is_said_of_what_a_variant_changed(histories: Histories) -> None:
    assert isinstance(VariantChangedNothing().run({}, histories), NotApplicable)


def test_two_trainings_that_are_never_a_number_are_not_called_alike() -> None:
    members = tuple(
        History(variant, 0, {"train_data_loss": (np.nan,), "val_data_loss": (np.nan,)})
        for variant in ("baseline", "l2")
    )
    assert isinstance(VariantChangedNothing().run({}, Histories(members)), Passed)
