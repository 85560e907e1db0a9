"""The speed bench on tiny sizes: it runs, pairs rounds, and writes tables and figures. PyTorch is left out."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"


@pytest.fixture(scope="module")
def speed() -> Any:
    """The bench's package, for as long as these tests run."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from speed import bench, command, figures, floor, page, parts, processes, results, sizes  # noqa: F401

        yield sys.modules["speed"]
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "speed"]:
            del sys.modules[name]


def taken(case: str, contender: str, *rounds: float, **more: float) -> list[dict[str, Any]]:
    """Records of one contender."""
    return [
        {"case": case, "contender": contender, "round": number, "values": {"seconds": seconds, **more}}
        for number, seconds in enumerate(rounds)
    ]


@pytest.fixture(scope="module")
def measured(speed: Any) -> dict[str, Any]:
    """Hand-written figures of some parts."""
    about = {
        "cores": 2,
        "system": "Linux",
        "versions": {"keras": "3"},
        "data": {"name": "synthetic reviews", "rows": 25_000, "words": 10_000, "entries": 3_000_000},
    }
    limits = {"rewrite_gb_s": 20.0, "add_gb_s": 100.0, "sgemm_gflops": 100.0}
    records = {
        "course": [
            *taken("course", "regulab", 10, 20, 30, peak_mb=900),
            *taken("course", "stock Keras", 110, 200, 300, peak_mb=4000),
        ],
        "single": [
            *taken("512 units", "regulab", 1.0, 1.1, whole=1.5, val_loss=0.3),
            *taken("512 units", "scikit-learn", 4.0, 5.5, val_loss=0.31),
            *taken("512 units", "limits of the machine", 0, 0, **limits),
        ],
        "seeds": [
            *taken("4 units, one epoch", "one seed", 0, 0, whole=1.0),
            *taken("4 units, one epoch", "five seeds", 0, 0, whole=2.5),
            *taken("4 units, one epoch", "limits of the machine", 0, 0, **limits),
            *taken("4 units, as a whole process", "one seed", 10, 20),
            *taken("4 units, as a whole process", "five seeds", 12, 26),
        ],
        "growth": [
            record
            for case in ("rows", "seeds")
            for size, seconds in ((1, 1.0), (2, 1.8), (10, 9.0))
            for record in taken(case, str(size), seconds, whole=seconds)
        ],
    }
    sizes = asdict(speed.sizes.FULL)
    return {name: {"about": about, "sizes": sizes, "records": measured} for name, measured in records.items()}


def test_ratios_are_taken_round_by_round(speed: Any, measured: dict[str, Any]) -> None:
    table = speed.page.tables(measured)["course"]
    assert "| stock Keras | 10.0× (10.0–11.0) | 4000 MB |" in table
    reaches = [str(reach) for reach in speed.parts.course.reaches(measured["course"]["records"])]
    assert [reach.split()[0] for reach in reaches] == ["reached", "reached"]


def test_further_seeds_are_shown_as_a_process_and_as_an_epoch(speed: Any, measured: dict[str, Any]) -> None:
    row = speed.page.tables(measured)["seeds"].splitlines()[2]
    assert row.startswith("| 4 units | 1.25× (1.20–1.30) | 15.0 (10.0–20.0) | 2.50× | ")
    reaches = [str(reach).split()[0] for reach in speed.parts.seeds.reaches(measured["seeds"]["records"])]
    assert reaches == ["reached", "MISSED"]


def test_the_floor_is_adams_traffic_the_rows_and_the_second_layers_product(speed: Any) -> None:
    def floor(rewrite: float = 1e9, add: float = 1e9, multiply: float = 1e9, **options: int) -> float:
        limits = speed.floor.Limits(rewrite_gb_s=rewrite, add_gb_s=add, sgemm_gflops=multiply)
        return limits.floor(512, rows=25_000, words=10_000, entries=3_000_000, **options)

    # 49 steps that move 123 MB each
    assert floor(rewrite=20.0) == pytest.approx(49 * 0.12288 / 20, rel=1e-3)
    assert floor(add=100.0) == pytest.approx(3 * 3e6 * 2048 / 100e9, rel=1e-3)
    assert floor(multiply=100.0) == pytest.approx(0.524, rel=1e-2)
    assert floor(add=100.0, seeds=5, further_passes=1) == pytest.approx(5 * 4 / 3 * floor(add=100.0), rel=1e-3)


def test_the_page_gets_tables_and_figures_and_keeps_what_was_not_measured(
    speed: Any, measured: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    before = page.read_text(encoding="utf-8").split("<!-- bench: layers -->")[1]
    speed.page.write(measured, docs=tmp_path)
    after = page.read_text(encoding="utf-8")
    assert after.split("<!-- bench: layers -->")[1] == before
    assert "10.0× (10.0–11.0)" in after
    assert "Measured with 2 CPU cores, Linux; keras 3." in after
    assert "regulab 0.300, scikit-learn 0.310" in after
    for name in ("single", "growth"):
        assert f"(images/performance-{name}.png)" in after
        assert (tmp_path / "images" / f"performance-{name}.png").stat().st_size > 10_000


def test_every_part_has_its_place_in_the_page(speed: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in ("machine", *speed.parts.PARTS):
        assert speed.page.between(page, "a table", marks=(f"<!-- bench: {name} -->", "<!-- end -->")) != page


def test_the_reviews_of_imdb_are_taken_where_regulab_finds_them_in_the_data_folder(
    speed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source(*, quick: bool = False) -> str:
        return speed.bench.Bench(tmp_path, speed.sizes.QUICK, quick=quick).source

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REGULAB_DATA_DIR", "~")
    assert source() == "reviews"
    (tmp_path / "imdb.npz").touch()
    assert (source(), source(quick=True)) == ("imdb", "reviews")
    monkeypatch.setenv("REGULAB_DATA_DIR", "")
    monkeypatch.chdir(tmp_path)
    assert source() == "reviews"


def test_a_part_that_is_measured_again_replaces_itself_alone(speed: Any, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    for part, value in (("a", 1), ("b", 2), ("a", 3)):
        speed.results.store(path, part, {"records": [value]})
    assert speed.results.load(path) == {"a": {"records": [3]}, "b": {"records": [2]}}


def test_a_contender_that_fails_says_what_it_wrote_last(speed: Any, tmp_path: Path) -> None:
    failing = speed.processes.Whole(
        [sys.executable, "-c", "raise SystemExit('out of luck')"], log=tmp_path / "log", environment={}
    )
    with pytest.raises(speed.processes.ContenderError, match="out of luck"):
        failing.turn()


def test_contenders_take_turns_and_each_begins_once(speed: Any) -> None:
    turns: list[str] = []

    class Counting:
        def __init__(self, name: str) -> None:
            self.name = name

        def start(self) -> None:
            turns.append(f"{self.name} starts")

        def turn(self) -> dict[str, float]:
            turns.append(self.name)
            return {"seconds": 1.0}

        def stop(self) -> None:
            turns.append(f"{self.name} stops")

    contenders = {name: Counting(name) for name in ("a", "b")}
    records = speed.processes.interleave("case", contenders, rounds=2, warm=1, say=False)
    assert turns == ["a starts", "b starts", "b", "a", "a", "b", "b", "a", "a stops", "b stops"]
    assert [(record["contender"], record["round"]) for record in records] == [("a", 0), ("b", 0), ("b", 1), ("a", 1)]


@pytest.mark.slow
def test_the_quick_bench_measures_regulab_beside_a_peer(speed: Any, tmp_path: Path) -> None:
    sizes = replace(speed.sizes.QUICK, peers=("scikit-learn",), single_units=(4,))
    bench = speed.bench.Bench(tmp_path, sizes, quick=True)
    records = speed.parts.single.measure(bench)
    assert {record["contender"] for record in records} == {"regulab", "scikit-learn", "limits of the machine"}
    about = {**speed.command.about(bench), "sizes": asdict(sizes)}
    table = speed.parts.single.table(records, about)
    assert table.startswith("| one epoch, regulab = 1 | scikit-learn |")
    assert "Validation cross-entropy of each after 3 epochs" in table
    started = speed.processes.interleave("commands", speed.parts.start.commands(bench), rounds=1, say=False)
    names = {"Python alone", "import regulab", "regulab --help", "regulab diagnose"}
    assert {record["contender"] for record in started} == names
    assert all(record["values"]["seconds"] > 0 for record in started)
