"""How long things take to start, as whole processes, and twenty members to begin training."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from speed.bench import Bench
from speed.processes import Contender, Values, Whole, interleave
from speed.reaches import Reach
from speed.results import Record, of, spread

COMMANDS, MEMBERS, COLD_CACHE = "commands", "twenty members", "twenty members, nothing compiled"
PYTHON, IMPORT, HELP, DIAGNOSE = "Python alone", "import regulab", "regulab --help", "regulab diagnose"
COURSE, LAYERS = "dense", "convolutional"


class Cold:
    """A contender before each turn of which the cache of compiled kernels is emptied."""

    def __init__(self, whole: Whole, cache: Path) -> None:
        self._whole, self._cache = whole, cache

    def start(self) -> None:
        """Nothing to get ready."""

    def turn(self) -> Values:
        """Empty the cache and run."""
        shutil.rmtree(self._cache, ignore_errors=True)
        return self._whole.turn()

    def stop(self) -> None:
        """Leave no cache behind."""
        shutil.rmtree(self._cache, ignore_errors=True)


def measure(bench: Bench) -> list[Record]:
    """Commands that train nothing, then studies."""
    sizes = bench.sizes
    records = interleave(COMMANDS, commands(bench), rounds=sizes.start_rounds, warm=1)
    seeds = 5 if not bench.quick else 1
    given = {"data": bench.data, "seeds": seeds}
    convolutional = bench.whole("start-layers", "regulab_start", model="convolutional", seeds=seeds)
    studies: dict[str, Contender] = {
        COURSE: bench.whole("start-course", "regulab_start", **given),
        LAYERS: convolutional,
    }
    records += interleave(MEMBERS, studies, rounds=-(-sizes.start_rounds // 2))
    cache = bench.work_file("numba-cache")
    cold = bench.whole("start-cold", "regulab_start", environment={"NUMBA_CACHE_DIR": str(cache)}, **given)
    return records + interleave(COLD_CACHE, {COURSE: Cold(cold, cache)}, rounds=sizes.cold_rounds)


def commands(bench: Bench) -> dict[str, Contender]:
    """What is started."""

    def whole(name: str, *words: str) -> Whole:
        log = bench.work_file(f"{name.replace(' ', '-')}.log")
        return Whole([sys.executable, *words], log=log, environment=bench.environment)

    log = bench.work_file("history.csv")
    log.write_text(history())
    return {
        PYTHON: whole(PYTHON, "-c", "pass"),
        IMPORT: whole(IMPORT, "-c", "import regulab"),
        HELP: whole(HELP, bench.regulab, "--help"),
        DIAGNOSE: whole(DIAGNOSE, bench.regulab, "diagnose", str(log)),
    }


def history() -> str:
    """A log as Keras's CSVLogger writes it: validation turns after a few of twenty epochs."""
    rows = (f"{epoch},{0.6 * 0.8**epoch:.4f},{0.5 * 0.7**epoch + 0.25 + 0.01 * epoch:.4f}" for epoch in range(20))
    return "\n".join(["epoch,loss,val_loss", *rows]) + "\n"


def table(records: Sequence[Record], about: dict[str, Any]) -> str:
    """Seconds of each."""
    lines = ["| start | seconds |", "|---|---|"]
    for name, words in (
        (PYTHON, "Python itself, as a process"),
        (IMPORT, "`import regulab`, as a process"),
        (HELP, "`regulab --help`, as a process"),
        (DIAGNOSE, "`regulab diagnose history.csv`, as a process"),
    ):
        lines.append(f"| {words} | {spread(of(records, COMMANDS, name)).text()} |")
    for case, name, words in (
        (MEMBERS, COURSE, "twenty members of dense layers begin their first epoch, from the engine's start"),
        (MEMBERS, LAYERS, "twenty convolutional members on digits likewise"),
        (COLD_CACHE, COURSE, "twenty members of dense layers where no kernel has been compiled yet"),
    ):
        lines.append(f"| {words} | {spread(of(records, case, name, 'engine_s')).text()} |")
    building = spread(of(records, MEMBERS, COURSE, "members_s")).text(" s")
    loading = spread(of(records, MEMBERS, COURSE, "import_s")).text(" s")
    note = (
        f"Before the engine starts, TensorFlow is imported, {loading}, and the twenty models are built, {building}. "
        "The extra time of the first epoch over a later one counts as start."
    )
    return "\n".join([*lines, "", note])


def reaches(records: Sequence[Record]) -> list[Reach]:
    """Within what a person waits for."""
    return [
        *(
            Reach(f"{name}, seconds as a process", spread(of(records, COMMANDS, name)).middle, most)
            for name, most in ((IMPORT, 0.3), (HELP, 0.5), (DIAGNOSE, 1))
        ),
        *(
            Reach(f"twenty members, {name}, seconds", spread(of(records, MEMBERS, name, "engine_s")).middle, 5)
            for name in (COURSE, LAYERS)
        ),
    ]
