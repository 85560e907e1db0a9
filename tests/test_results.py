from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from made import untrained, write
from regulab.errors import InputError
from regulab.histories.example_losses import ExampleLosses
from regulab.histories.history import Histories, History
from regulab.histories.json_files import plain
from regulab.histories.run_folder import RunFolder
from regulab.results import Results, load

EXAMPLES = np.linspace(-0.05, 0.05, 8)
#: Validation and training loss per epoch.
CURVES = {
    "baseline": ((0.6, 0.4, 0.5, 0.7), (0.5, 0.3, 0.2, 0.1)),
    "l2": ((0.6, 0.4, 0.35, 0.36), (0.5, 0.4, 0.3, 0.28)),
}


def overfitting_results(*, seeds: int = 3, test: bool = True, curves: dict[str, Any] = CURVES) -> Results:
    """A baseline that overfits and a variant that helps, without a training."""
    members, losses = [], {}
    for variant, (validation, training) in curves.items():
        for seed in range(seeds):
            measures = {
                "val_data_loss": tuple(value + seed / 100 for value in validation),
                "train_data_loss": tuple(value + seed / 100 for value in training),
            }
            members.append(History(variant, seed, measures))
            best = members[-1].at("val_data_loss", members[-1].best_epoch)
            noise = EXAMPLES + np.cos(np.arange(8) + seed) / 100 * (variant == "l2")
            losses[variant, seed] = ExampleLosses(best + noise, best + 0.01 + noise[:6] if test else None)
    return untrained(members, losses, data={"train": 80, "validation": 8, "test": 6 if test else None}, parameters=10)


def test_each_member_has_its_findings() -> None:
    findings = overfitting_results(seeds=2).findings()
    assert list(findings) == [("baseline", 0), ("baseline", 1), ("l2", 0), ("l2", 1)]
    assert [finding.code for finding in findings["baseline", 1]] == ["OVERFITTING"]
    assert findings["l2", 1] == ()


def test_the_answers_agree_with_each_other() -> None:
    results = overfitting_results()
    (comparison,) = results.compare()
    assert (comparison.variant, comparison.verdict, comparison.split, comparison.examples, comparison.seeds) == (
        "l2",
        "better",
        "test",
        6,
        3,
    )
    assert comparison.difference == pytest.approx(-0.05, abs=0.01)
    assert results.recommend().variant == "l2"
    assert results.parameters == {"baseline": 10, "l2": 10}
    assert [line.best_epoch for line in results.summary()] == [1, 2]
    overfits, helps = results.conclusion()
    assert overfits.startswith("The baseline overfits: validation loss 0.410 after epoch 2, 0.710 by epoch 4")
    assert helps.startswith("With each stopped at its own best epoch, l2 beats it by 0.050 on test data, but mostly")


def test_without_a_test_split_variants_are_compared_on_validation_data() -> None:
    results = overfitting_results(test=False)
    assert [(comparison.split, comparison.examples) for comparison in results.compare()] == [("validation", 8)]
    document = results.document()
    assert {entry["test_loss_best"] for entry in document["members"]} == {None}


def test_the_document_holds_what_the_json_promises() -> None:
    document = overfitting_results().document()
    assert {"data", "members", "summary", "comparison", "recommendation", "conclusion"} <= document.keys()
    assert {"name", "train", "validation", "test"} <= document["data"].keys()
    first = document["members"][0]
    assert first["findings"][0]["code"] == "OVERFITTING"
    assert {key: first[key] for key in list(first)[:8]} == {
        "variant": "baseline",
        "seed": 0,
        "epochs": 4,
        "best_epoch": 1,  # from 0 in files
        "val_loss_best": 0.4,
        "val_loss_last": 0.7,
        "train_loss_best": 0.3,
        "train_loss_last": 0.1,
    }
    assert first["test_loss_best"] == pytest.approx(0.4, abs=0.02)
    assert {"variant", "difference", "low", "high", "verdict"} <= document["comparison"][0].keys()
    assert document["recommendation"].keys() >= {"variant", "reason", "difference", "optimism"}


def test_results_from_a_folder_give_the_answers_of_those_in_memory(tmp_path: Path) -> None:
    results = overfitting_results()
    loaded = load(write(results, tmp_path / "run"))
    assert loaded.folder == tmp_path / "run"
    assert loaded.histories == results.histories
    assert (loaded.recommend().variant, loaded.recommend().reason) == (
        results.recommend().variant,
        results.recommend().reason,
    )
    assert loaded.conclusion() == results.conclusion()
    assert loaded.compare()[0].difference == pytest.approx(results.compare()[0].difference, rel=1e-5)
    assert load(str(tmp_path / "run")).summary() == loaded.summary()


def test_a_study_that_went_wrong_still_has_answers(tmp_path: Path) -> None:
    nan = (math.nan,) * 4
    for curves in (
        {"baseline": (nan, nan), "l2": CURVES["l2"]},
        {"baseline": CURVES["baseline"], "l2": (nan, nan)},
        {"baseline": (nan, nan)},
        {"baseline": ((0.5,), (0.4,)), "l2": ((math.inf,), (0.4,))},
    ):
        for seeds in (1, 3):
            loaded = load(write(overfitting_results(seeds=seeds, curves=curves), tmp_path / "run"))
            document = json.loads(json.dumps(plain(loaded.document()), allow_nan=False))
            assert len(document["conclusion"]) == 2
            finite = [name for name, (validation, _) in curves.items() if math.isfinite(validation[0])]
            assert document["recommendation"]["variant"] in (finite or [None])
            codes = [finding["code"] for entry in document["members"] for finding in entry["findings"]]
            assert "NOT-A-NUMBER" in codes


def test_figures_are_saved_where_asked(tmp_path: Path) -> None:
    written = overfitting_results().save_figures(tmp_path / "some" / "figures")
    assert {path.name for path in written} >= {"loss.png", "regularized.png", "comparison.png"}
    assert all(path.stat().st_size > 0 for path in written)


def test_models_in_memory_are_handed_out() -> None:
    results = replace(overfitting_results(), models={("l2", 0): "best", ("l2", 2): "third", ("baseline", 0): "plain"})
    assert results.model() == "best"  # the recommended variant, the seed with the lowest validation loss
    assert results.model("l2", seed=2) == "third"
    assert results.model("baseline") == "plain"


def test_a_seed_that_was_never_finite_is_not_the_best() -> None:
    results = overfitting_results(seeds=2)
    lost = replace(results.histories.members[0], measures={"val_data_loss": (math.nan,) * 4})
    results = replace(results, histories=Histories((lost, *results.histories.members[1:])))
    assert results.member("baseline").seed == 1
    assert results.member("baseline", seed=0).best_epoch is None


def test_without_a_recommendation_there_is_no_model_to_hand_out() -> None:
    nan = (math.nan,) * 4
    results = replace(overfitting_results(curves={"baseline": (nan, nan)}), models={("baseline", 0): "lost"})
    with pytest.raises(
        InputError, match=r"since none is recommended\. Received: none\. No variant has a finite validation loss"
    ):
        results.model()
    assert results.model("baseline", seed=0) == "lost"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variant": "l3"}, r"No variant 'l3'\. Available: baseline, l2\."),
        ({"variant": "l2", "seed": 9}, r"No seed 9 of variant 'l2'\. Available: 0, 1, 2\."),
        ({"variant": "l2"}, r"a run folder to load the model from\. Received: results without one"),
    ],
)
def test_a_model_that_is_not_there_is_an_input_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        overfitting_results().model(**options)


def test_a_model_that_the_run_could_not_save_is_an_input_error(tmp_path: Path) -> None:
    results = load(write(overfitting_results(), tmp_path / "run"))
    with pytest.raises(InputError, match=r"the model of l2, seed 1, in .*models\. Received: no such file"):
        results.model("l2", seed=1)


def test_a_folder_or_file_that_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a run folder\. Received: .*nowhere, which does not exist"):
        load(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"a run folder with study\.json\. Received: .*, which has none"):
        load(tmp_path)
    (tmp_path / "log.csv").touch()
    with pytest.raises(InputError, match=r"a run folder\. Received: .*log\.csv, which is a file"):
        load(tmp_path / "log.csv")


def test_an_unfinished_run_is_distinguished_from_a_damaged_one(tmp_path: Path) -> None:
    folder = write(overfitting_results(), tmp_path / "run")
    run = RunFolder(folder)
    run.results_file.touch()
    run.losses_file.unlink()
    with pytest.raises(InputError, match=r"with losses\.npz\. Received: .*run, which has none"):
        load(folder)
    run.results_file.unlink()
    with pytest.raises(InputError, match=r"a finished run\. Received: .*run, which has no losses\.npz yet\. Resume"):
        load(folder)
    run.histories_file.unlink()
    with pytest.raises(InputError, match=r"a finished run\. Received: .*run, which has no histories\.csv yet\. Resume"):
        load(folder)


@pytest.mark.parametrize("name", ["study.json", "histories.csv", "losses.npz"])
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = write(overfitting_results(), tmp_path / "run")
    whole = (folder / name).read_bytes()
    for end in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 40):
        (folder / name).write_bytes(whole[:end])
        with pytest.raises(InputError, match=name.replace(".", r"\.")):
            load(folder)


@pytest.mark.parametrize(
    "study",
    [
        {},
        {"data": {}, "variants": [], "seeds": []},
        {"data": {"title": "a"}, "variants": [{"name": "baseline"}], "seeds": [0]},
        {"data": {"title": "a"}, "variants": "baseline", "seeds": [0]},
        {"data": {"title": "a"}, "variants": [{"name": "baseline", "parameters": 1}], "seeds": 3},
        {"data": None, "variants": [{"name": "baseline", "parameters": 1}], "seeds": [0]},
    ],
)
def test_a_study_without_what_answers_need_is_refused(tmp_path: Path, study: dict[str, Any]) -> None:
    folder = write(overfitting_results(), tmp_path / "run")
    RunFolder(folder).write_study(study)
    with pytest.raises(
        InputError, match=r"the study\.json that a study wrote in .*run\. Received: one (without|in which) "
    ):
        load(folder)


def test_files_of_different_studies_are_not_mixed(tmp_path: Path) -> None:
    folder = write(overfitting_results(), tmp_path / "run")
    other = overfitting_results(seeds=2)
    run = RunFolder(folder)
    run.write_histories(other.histories)
    with pytest.raises(InputError, match=r"histories\.csv\. Received: nothing of 'baseline', seed 2\. Run the study"):
        load(folder)
    run.write_study(other.study)
    with pytest.raises(InputError, match=r"losses\.npz\. Received: more than study\.json asks for: 'baseline', seed 2"):
        load(folder)
    run.write_losses(other.losses)
    assert load(folder).histories == other.histories


def test_repr_is_one_line_and_str_adds_the_conclusion() -> None:
    results = overfitting_results()
    assert repr(results) == "<Results of made (synthetic): baseline, l2; seeds: 3, epochs: 4>"
    assert str(results).splitlines() == [repr(results), *results.conclusion()]
    assert str(replace(results, folder=Path("runs/made"))).endswith("\nRun folder: runs/made")


def test_a_notebook_shows_what_is_printed() -> None:
    from IPython.lib.pretty import pretty

    results = overfitting_results()
    assert pretty(results) == str(results)
    assert pretty([results]) == f"[{results}]"


def test_the_records_in_results_have_a_repr_of_one_line() -> None:
    results = overfitting_results()
    assert repr(results.histories) == (
        "<Histories of baseline, l2; seeds: 3, epochs: 4; measures: val_data_loss, train_data_loss>"
    )
    assert repr(results.histories.of("l2")[1]) == (
        "<History of l2, seed 1; epochs: 4; measures: val_data_loss, train_data_loss>"
    )
    assert repr(results.losses["l2", 0]) == "<ExampleLosses: 8 validation and 6 test examples>"
    assert repr(overfitting_results(test=False).losses["l2", 0]) == "<ExampleLosses: 8 validation and no test examples>"


@pytest.mark.parametrize(("test", "split"), [(True, "test"), (False, "validation")])
def test_the_plot_shows_each_comparison_with_its_interval(test: bool, split: str) -> None:
    results = overfitting_results(test=test)
    axes = Figure().add_subplot()
    assert results.plot_comparison(ax=axes) is axes
    (comparison,) = results.compare()
    zero, interval, point = axes.get_lines()
    assert list(zero.get_xdata()) == [0, 0]
    assert list(interval.get_xdata()) == [comparison.low, comparison.high]
    assert list(point.get_xdata()) == [comparison.difference]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["l2"]
    assert [text.get_text() for text in axes.texts] == [comparison.verdict]
    assert f"{split} data" in axes.get_xlabel()
    assert "made (synthetic), 3 seeds" in axes.get_title(loc="left")


def test_a_plot_of_comparisons_needs_a_variant() -> None:
    with pytest.raises(InputError, match="a variant besides the baseline"):
        overfitting_results(curves={"baseline": CURVES["baseline"]}).plot_comparison()


def test_where_no_variant_is_better_than_a_constant_none_is_recommended() -> None:
    results = overfitting_results()
    beaten_by = Results(
        study={**results.study, "constant_loss": {"validation": 0.3}},
        histories=results.histories,
        losses=results.losses,
    )
    assert "NOT-BETTER-THAN-CONSTANT" in [finding.code for finding in beaten_by.study_findings()]
    sentence = "No model beats a constant prediction"
    assert beaten_by.conclusion()[0].startswith(sentence)
    assert beaten_by.recommend().variant is None
    assert beaten_by.recommend().reason.startswith(sentence)
    with pytest.raises(InputError, match=f"since none is recommended. Received: none. {sentence}"):
        beaten_by.model()
    assert results.recommend().variant is not None
