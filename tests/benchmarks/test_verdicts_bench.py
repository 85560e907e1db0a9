"""The verdicts bench on a few cases: it counts, labels, asks and writes. Nothing is trained, no other tool asked."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regulab.histories.history import History

FOLDER = Path(__file__).parents[2] / "benchmarks" / "verdicts"
MODULES = ("ask_peers", "comparison", "curves", "loud", "page", "peers", "recorded", "run", "studies", "trainings")


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    """The bench's modules by name, for as long as these tests run."""
    before, path = {name: sys.modules.pop(name, None) for name in MODULES}, list(sys.path)
    sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]
    try:
        yield {name: __import__(name) for name in MODULES}
    finally:
        sys.path[:] = path
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def test_every_finding_about_one_training_is_asked_for_and_forbidden_by_some_curve(bench: dict[str, Any]) -> None:
    from regulab.diagnosis import checks

    counted = bench["run"].count(
        bench["curves"].cases(half=1, per_kind=4, kinds=(*bench["curves"].KINDS, *_recorded(bench)))
    )
    tallies = {code: sum(by_kind.values(), Counter()) for code, by_kind in counted.items()}
    assert len(tallies) == len(checks.CHECKS)
    assert all(tally["must"] and tally["must not"] for tally in tallies.values())
    assert sum(tally["missed"] + tally["false"] for tally in tallies.values()) <= 2
    assert "| `OVERFITTING` | 0.00% of 16 |" in bench["page"].codes_table(counted)


def _recorded(bench: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(bench["recorded"].RECORDED)


def test_a_case_is_the_same_each_time_and_another_one_in_the_other_half(bench: dict[str, Any]) -> None:
    curves = bench["curves"]
    first, again, other = (next(curves.cases(half=half, per_kind=1)).table["val_loss"].tolist() for half in (1, 1, 0))
    assert first == again
    assert first != other


def test_every_finding_about_a_study_is_asked_for_and_forbidden_by_some_study(bench: dict[str, Any]) -> None:
    counted = bench["studies"].count_studies(half=1, per_kind=4)
    assert set(counted) == {"DUPLICATES-ACROSS-SPLITS", "TEST-USED-FOR-VALIDATION", "EDGE-OF-GRID", "SEEDS-DISAGREE"}
    tallies = [sum(kinds.values(), Counter()) for kinds in counted.values()]
    assert all(tally["must"] and tally["must not"] for tally in tallies)
    assert sum(tally["missed"] + tally["false"] for tally in tallies) <= 1


def test_a_table_by_noise_says_what_no_test_can_do_better(
    bench: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = bench["loud"]
    monkeypatch.setattr(loud, "NOISE", (0.003,))
    monkeypatch.setattr(loud, "EPOCHS", (20,))
    (share,) = loud.shares(half=1, per_kind=5)
    assert (share.missed, share.unclear, share.false, share.doubted, share.limit) == (0, 0, 0, 0, 0)
    assert bench["page"].loud_table([share]).splitlines()[2] == "| 20 | 0% | 0.0% | 0.0% | 0.0% | 0.0% | 0.0% |"


def test_the_least_possible_share_of_misses_falls_with_the_rise_and_the_epochs(bench: dict[str, Any]) -> None:
    limit = bench["loud"].limit
    small, large = (np.concatenate([[1.0, 0.6], np.linspace(0.5, end, 8)]) for end in (0.51, 0.6))
    assert limit(small, 0.05) > 0.9 > limit(large, 0.05) > limit(large, 0.02)
    assert limit(np.array([1.0, 0.9, 0.8]), 0.05) == pytest.approx(0.99)


@pytest.mark.parametrize(
    ("training", "pool", "truth"),
    [
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.6, 0.55, 0.5, 0.55, 0.6, 0.65], "overfitting"),
        # Both rise: that is no overfitting, whatever else it is.
        ([0.6, 0.5, 0.4, 0.5, 0.6, 0.7], [0.6, 0.55, 0.5, 0.55, 0.6, 0.65], None),
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.6, 0.5, 0.5, 0.5, 0.5, 0.5], "healthy"),
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.6, 0.5, 0.5, 0.5, 0.53, 0.55], None),
        # Noise hides what it is.
        ([0.6, 0.5, 0.4, 0.3, 0.2, 0.1], [0.6, 0.3, 0.6, 0.3, 0.6, 0.3], None),
    ],
)
def test_the_truth_of_a_training_is_read_off_its_losses_on_a_pool(
    bench: dict[str, Any], training: list[float], pool: list[float], truth: str | None
) -> None:
    assert bench["trainings"].truth(training, pool, stop=5) == truth
    assert bench["trainings"].truth(training, pool, stop=4) is None


def test_a_training_gives_a_log_for_each_stop_that_has_a_truth(bench: dict[str, Any], tmp_path: Path) -> None:
    falls = tuple(0.8 - 0.1 * epoch for epoch in range(8))
    turns = (0.6, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7)
    names = ("loss", "train_data_loss", "accuracy", "val_accuracy")
    history = History("l2", 0, dict.fromkeys(names, falls) | {"val_loss": falls, "val_data_loss": falls})
    pieces = list(bench["trainings"].pieces(history, turns, "reviews", name="a", stops=(3, 5, 7)))
    assert [(piece.kind, piece.truth, piece.seen) for piece in pieces] == [
        ("reviews, L2", None, None),
        ("reviews, L2", "healthy", "healthy"),
        ("reviews, L2", "overfitting", "healthy"),
    ]
    logs = bench["comparison"].trained(tmp_path, pieces)
    assert len(logs) == 2
    assert logs[0].path.read_text().splitlines()[:2] == [
        "epoch,accuracy,loss,val_accuracy,val_loss",
        "0,0.8,0.8,0.8,0.8",
    ]
    shown = bench["comparison"].shown(logs)
    assert shown == {("healthy", "healthy"): Counter(healthy=1), ("overfitting", "healthy"): Counter(healthy=1)}
    assert "| overfitting | healthy | 1 | 0 | 0 | 1 |" in bench["page"].shown_table(shown)


def test_tools_are_asked_about_the_same_files_and_counted(bench: dict[str, Any], tmp_path: Path) -> None:
    comparison = bench["comparison"]
    logs = comparison.generated(tmp_path, half=1, per_kind=1)
    rows = comparison.by_group(comparison.compare(logs, ask=lambda paths: {"yes-man": ["overfitting"] * len(paths)}))
    assert [(row.truth, row.logs) for row in rows] == [("overfitting", 3), ("healthy", 5), ("broken", 3)]
    table = bench["page"].tools_table(rows).splitlines()
    assert table[2] == "| generated | overfitting | 3 | 0.0% | – | 0.0% |"
    assert table[3] == "| generated | healthy | 5 | 0.0% / 0.0% | – | 100.0% / 0.0% |"
    assert table[4] == "| generated | broken | 3 | 0.0% (33.3%) | – | 100.0% |"


def test_real_trainings_of_one_noise_and_truth_are_counted_together(bench: dict[str, Any]) -> None:
    comparison = bench["comparison"]

    def row(group: str, loud: bool | None, training: str, **said: int) -> Any:
        return comparison.Row(group, "healthy", loud, frozenset({training}), {"regulab": Counter(said)})

    rows = [
        row("reviews", True, "a", healthy=2),
        row("IMDB", True, "b", healthy=1, overfitting=1),
        row("IMDB", False, "b", healthy=4),
        row("generated", None, "c", healthy=8),
    ]
    assert comparison.by_noise(rows) == [
        comparison.Row(
            "noise above 3%", "healthy", None, frozenset("ab"), {"regulab": Counter(healthy=3, overfitting=1)}
        ),
        comparison.Row("noise of at most 3%", "healthy", None, frozenset("b"), {"regulab": Counter(healthy=4)}),
    ]


@pytest.mark.parametrize(
    ("tool", "report", "answer"),
    [
        ("losslint", '{"findings": [{"check": "overfit_onset", "severity": "info"}]}', "overfitting"),
        ("losslint", '{"findings": [{"check": "stagnation", "severity": "info"}]}', "healthy"),
        ("trainspotter", '{"findings": [{"detector": "overfitting", "severity": "warning"}]}', "overfitting"),
        ("trainspotter", '{"findings": [{"detector": "overfitting", "severity": "info"}]}', "healthy"),
        ("runmedic", '[{"findings": [{"check": "divergence", "severity": "critical"}]}]', "something else"),
        ("runmedic", "a traceback", "no answer"),
    ],
)
def test_a_report_is_summed_up_in_a_word(
    bench: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tool: str, report: str, answer: str
) -> None:
    from types import ModuleType

    command = ModuleType(f"{tool}.cli")
    command.main = lambda _: print(report)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, tool, ModuleType(tool))
    monkeypatch.setitem(sys.modules, f"{tool}.cli", command)
    assert bench["ask_peers"].answer(tool, "log.csv") == answer


def test_tables_go_between_the_marks_of_the_page(bench: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    marks = [f"<!-- verdicts: {name} -->\nold\n<!-- end -->" for name in ("codes", "noise")]
    page.write_text("\n".join(["before", *marks, "after"]))
    bench["page"].write(page, {"noise": "new"})
    first, second = page.read_text().split("<!-- end -->")[:2]
    assert "old" in first
    assert "old" not in second
    assert "new" in second
    with pytest.raises(ValueError, match="verdicts: tools"):
        bench["page"].write(page, {"tools": "new"})


def test_the_docs_page_has_every_mark() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
    assert all(f"<!-- verdicts: {name} -->" in page for name in ("codes", "noise", "tools", "tools-by-noise", "shown"))


def test_noise_is_what_a_steady_trend_does_not_explain(bench: dict[str, Any]) -> None:
    values = 1 + 0.05 * np.random.default_rng(0).standard_normal(400)
    assert bench["trainings"].noise(values.tolist()) == pytest.approx(0.05, rel=0.2)


@pytest.mark.parametrize("more", [["--half", "0"], ["--draws", "0"]])
def test_only_what_the_page_is_of_is_written_there(
    bench: dict[str, Any],
    more: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "--write", *more])
    with pytest.raises(SystemExit):
        bench["run"].main()
    assert f"{more[0]} " in capsys.readouterr().err.splitlines()[-1]


def test_real_trainings_are_of_the_draws_that_are_asked_for(
    bench: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGULAB_DATA_DIR", raising=False)
    asked: list[int] = []

    def study(kind: str, data: Any, pool: Any, draw: int, *rest: Any, **options: Any) -> Iterator[Any]:
        asked.append(draw)
        return iter(())

    monkeypatch.setattr(bench["trainings"], "_study", study)
    assert list(bench["trainings"].trainings(draws=[3, 5])) == []
    assert asked == [3] * 3 + [5] * 3
