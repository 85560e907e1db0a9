from __future__ import annotations

import json
from pathlib import Path

import pytest

import regulab as rl
from made import made, saved
from regulab.comparison.across_runs import SeedsLeftOut
from regulab.errors import InputError
from regulab.results import Results


def fingerprinted(results: Results, fingerprint: str = "12ab") -> Results:
    results.study["data"]["fingerprint"] = fingerprint
    return results


def test_runs_are_compared_from_python_as_on_the_command_line(tmp_path: Path) -> None:
    first = saved(fingerprinted(made(seeds=3)), tmp_path / "first")
    second = saved(fingerprinted(made(seeds=2)), tmp_path / "second")
    comparison = rl.compare_runs([first, second])
    assert [run.name for run in comparison.runs] == ["first", "second"]
    assert comparison.runs[0].comparisons == ()
    assert [(variant.variant, variant.control, variant.seeds) for variant in comparison.comparisons] == [
        (name, "first", 2) for name in ("baseline", "l2", "l2+dropout")
    ]
    assert comparison.remarks == (SeedsLeftOut("second", "first"),)
    assert repr(comparison) == "<RunComparison of first, second; comparisons: 3>"
    document = json.loads(json.dumps(comparison.document()))
    assert [entry["comparable"] for entry in document["runs"]] == [True, True]
    assert document["notes"] == list(comparison.notes)


def test_a_run_on_other_examples_says_why_it_is_not_compared(tmp_path: Path) -> None:
    first = saved(fingerprinted(made()), tmp_path / "first")
    other = saved(fingerprinted(made(), "34cd"), tmp_path / "other")
    comparison = rl.compare_runs([first, other])
    assert comparison.comparisons == ()
    assert comparison.runs[1].reason == "its data are not those of first: other examples under the same name"


def test_one_folder_may_be_given_by_itself_and_none_is_refused(tmp_path: Path) -> None:
    folder = saved(made(), tmp_path / "only")
    assert [run.name for run in rl.compare_runs(str(folder)).runs] == ["only"]
    with pytest.raises(InputError, match="at least one run folder"):
        rl.compare_runs([])
    with pytest.raises(InputError, match="each run once"):
        rl.compare_runs([folder, folder])
