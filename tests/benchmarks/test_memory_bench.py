"""The memory bench on short logs."""

from __future__ import annotations

import runpy
from pathlib import Path

BENCH = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "memory.py"))


def test_every_reader_of_the_memory_bench_reads_what_it_writes(tmp_path: Path) -> None:
    from regulab.histories.readers.detect import read_log

    rows = BENCH["losses"](12)
    for number, write in enumerate(BENCH["WRITERS"].values()):
        path = tmp_path / f"log{number}"
        write(rows, path)
        (history,) = read_log(path)
        assert history.epochs == 12, number


def test_the_memory_bench_measures_a_reader_and_prints_and_plots_it(tmp_path: Path) -> None:
    measured = BENCH["measure"]("JSON lines", BENCH["losses"](50), tmp_path / "log")
    assert measured.epochs == 50
    assert BENCH["table"]([measured]).splitlines()[-1].startswith("| JSON lines | 50 | 0.0 MB |")
    BENCH["plot"]([measured], tmp_path / "memory.png")
    assert (tmp_path / "memory.png").exists()
