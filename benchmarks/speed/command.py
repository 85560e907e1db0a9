"""The command: measure parts, keep the figures, write them into the page."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from speed import results
from speed.about import about
from speed.bench import Bench
from speed.parts import PARTS
from speed.processes import ContenderError
from speed.sizes import FULL, QUICK

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    options = _parser().parse_args(arguments)
    chosen = options.only or list(PARTS)
    sizes = QUICK if options.quick else FULL
    if options.rounds is not None:
        rounds = {name: options.rounds for name in asdict(sizes) if name.endswith("_rounds")}
        sizes = replace(sizes, **rounds)
    if options.without_pytorch:
        sizes = replace(sizes, peers=tuple(peer for peer in sizes.peers if "PyTorch" not in peer))
    folder = options.folder / "quick" if options.quick else options.folder
    bench, path = Bench(folder.resolve(), sizes, options.quick), folder / "results.json"
    try:
        if not options.render:
            bench.compile()
        for name in () if options.render else chosen:
            started = time.perf_counter()
            records = PARTS[name].measure(bench)
            results.store(path, name, {"about": about(bench), "sizes": asdict(sizes), "records": records})
            print(f"{name}: measured in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    except ContenderError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    from speed import page

    measured = results.load(path)
    print(page.text(measured, only=chosen))
    if not options.quick and not options.print_only:
        page.write(measured, docs=ROOT / "docs")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/speed", description="Measure regulab's speed beside others and write docs/performance.md."
    )
    parser.add_argument("--only", action="append", choices=list(PARTS), help="measure this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it runs; writes nothing in docs/")
    parser.add_argument("--rounds", type=int, metavar="N", help="turns of each contender [as many as the part needs]")
    parser.add_argument("--render", action="store_true", help="measure nothing; write what was measured before")
    parser.add_argument("--print-only", action="store_true", help="print the tables; write nothing in docs/")
    parser.add_argument("--without-pytorch", action="store_true", help="leave PyTorch out, and do not install it")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build" / "bench", help="for data and results [build/bench]"
    )
    return parser
