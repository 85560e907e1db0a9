from __future__ import annotations

from dataclasses import replace

import pytest

from made import made
from regulab.diagnosis.analysis import analyze
from regulab.histories.history import Histories, History
from regulab.report.contents import Report, contents
from regulab.report.wording import CAPTIONS


def gathered(results, **figures: bytes) -> Report:
    return contents(
        results.study,
        results.histories,
        analyses={(member.variant, member.seed): analyze(member) for member in results.histories},
        summary=results.summary(),
        comparisons=results.compare(),
        recommendation=results.recommend(),
        conclusion=results.conclusion(),
        study_findings=results.study_findings(),
        figures=figures,
        has_folder=False,
    )


def test_the_table_is_the_one_that_a_run_ends_with() -> None:
    report = gathered(made())
    assert [variant.name for variant in report.variants] == ["baseline", "l2", "l2+dropout"]
    assert report.recommended == "l2"
    cells = {column.heading.replace("\n", " ").strip(): column.cells[1] for column in report.columns}
    assert cells == {
        "parameters": "160,305",
        "best epoch": "2",
        "validation at best": "0.300",
        "validation at end": "0.700",
        "test at best": "0.310",
        "difference from baseline": "−0.100 ± 0.003",
        "verdict": "better",
    }
    assert report.table_title == "made (synthetic): loss without penalty, mean of 3 seeds"
    assert report.notes[0] == "this test"
    assert report.notes[-2].startswith("Recommended: l2. It has the lowest validation loss, 0.300, after epoch 2.")
    assert report.notes[-1].startswith("On validation data l2 leads by 0.100; choosing from 3 ")


def test_a_finding_in_several_seeds_is_listed_once_with_its_seeds() -> None:
    results = made(variants=("baseline",))
    flat = {"val_data_loss": (0.6, 0.5, 0.4, 0.35), "train_data_loss": (0.6, 0.5, 0.4, 0.35)}
    members = (*results.histories.members[:2], History("baseline", 2, flat))
    (diagnosis,) = gathered(replace(results, histories=Histories(members))).diagnoses
    assert diagnosis.seeds == (0, 1, 2)
    assert diagnosis.verdicts["not healthy"] == (0, 1)
    assert sorted(seed for seeds in diagnosis.verdicts.values() for seed in seeds) == [0, 1, 2]
    overfitting = next(entry for entry in diagnosis.findings if entry.finding.code == "OVERFITTING")
    assert overfitting.seeds == (0, 1)
    severities = [entry.finding.severity for entry in diagnosis.findings]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_figures_come_in_the_order_of_the_page_and_unknown_ones_are_left_out() -> None:
    report = gathered(made(), gap=b"gap", loss=b"loss", another=b"another")
    assert [(figure.name, figure.png, figure.caption) for figure in report.figures] == [
        ("loss", b"loss", CAPTIONS["loss"]),
        ("gap", b"gap", CAPTIONS["gap"]),
    ]


@pytest.mark.parametrize(
    ("validation_is_test", "text"), [(False, "8 for testing"), (True, "8 for both validation and testing")]
)
def test_training_facts_are_listed_as_far_as_they_are_known(validation_is_test, text) -> None:
    results = made(validation_is_test=validation_is_test)
    facts = dict(gathered(results).facts)
    assert facts["Examples"].startswith(text)
    assert (facts["Epochs"], facts["Seeds"], facts["Source"]) == ("4", "0, 1, 2", "this test")
    assert "Loss" not in facts
    results.study.update(loss="mse", class_weight={"0": 1.0, "1": 2.5}, versions={"regulab": "1", "keras": "3"})
    facts = dict(gathered(results).facts)
    assert (facts["Loss"], facts["Class weights"]) == ("mse", "0: 1.0, 1: 2.5")
    assert facts["Made with"] == "regulab 1, keras 3"


def test_data_without_a_source_leaves_no_empty_line() -> None:
    results = made()
    results.study["data"]["source"] = ""
    report = gathered(results)
    assert report.notes[0].startswith("At best: ")
    assert "Source" not in dict(report.facts)


def test_every_figure_has_a_caption_and_an_alternative_text() -> None:
    assert all(caption.text and caption.alternative for caption in CAPTIONS.values())
    assert not any(caption.text.startswith("The same") for caption in CAPTIONS.values())


def test_a_caption_says_that_an_interval_is_not_a_verdict() -> None:
    # Of several, an interval may miss zero where the verdict is "not detectable".
    assert "corrected for the number of comparisons" in CAPTIONS["comparison"].text


@pytest.mark.parametrize(
    ("unit", "best", "difference"),
    [
        (1e-9, "4.00e-10", "−1.00e-10 ± 3.35e-12"),
        (1e13, "4.004e+12", "−1.004e+12 ± 3.348e+10"),
        (1e-3, "0.000400", "−0.000100 ± 0.000003"),
    ],
)
def test_losses_are_readable_and_distinguishable_in_any_unit(unit, best, difference) -> None:
    report = gathered(made(unit=unit))
    columns = {column.heading.replace("\n", " ").strip(): column.cells for column in report.columns}
    assert columns["validation at best"][0] == best
    assert columns["difference from baseline"][1] == difference
    assert best in report.conclusion[0]
