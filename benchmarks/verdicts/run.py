"""How often each finding is missed or reported without cause, on curves whose truth is known.

python benchmarks/verdicts/run.py [--half 0|1] [--each N] [--errors CODE]    # regulab on generated curves
python benchmarks/verdicts/run.py --all [--seeds N] [--no-peers]             # and the tables of docs/verdicts.md
python benchmarks/verdicts/run.py --all --draws 0 1 2                        # of real trainings on other data
python benchmarks/verdicts/run.py --write                                    # and write them there

The other tools are installed into build/verdicts on first use. With REGULAB_DATA_DIR set, IMDB is trained on, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

# This folder's modules come first, then those that all benchmarks share.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from curves import KINDS, Case, cases
from page import codes_table, loud_table, share, shown_table, tools_table, write
from recorded import RECORDED
from studies import count_studies

from regulab.diagnosis.run_checks import diagnose_member
from regulab.histories.readers.in_memory import to_history

ROOT = Path(__file__).parents[2]


def judge(case: Case) -> frozenset[str]:
    """The codes that regulab gives to a case."""
    return frozenset(finding.code for finding in diagnose_member(to_history(dict(case.table), name=case.kind)))


def count(todo: Iterable[Case], *, errors: str = "") -> dict[str, dict[str, Counter[str]]]:
    """For each code and kind of case how often it was required, missed, forbidden and a false alarm."""
    tallies: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for case in todo:
        given = judge(case)
        for code in case.must | case.must_not:
            tally = tallies[code][case.kind]
            tally["must" if code in case.must else "must not"] += 1
            wrong = (code in given) != (code in case.must)
            tally["missed" if code in case.must else "false"] += wrong
            if wrong and code == errors:
                losses = " ".join(f"{value:.4g}" for value in case.table["val_loss"])
                print(case.kind, {key: round(value, 4) for key, value in case.made_with.items()}, losses)
    return tallies


def main() -> None:
    """Print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="0: for tuning; 1: for reporting")
    parser.add_argument("--each", type=int, default=500, help="generated cases of each kind")
    parser.add_argument("--errors", default="", metavar="CODE", help="print the cases where this code is wrong")
    parser.add_argument("--all", action="store_true", help="noise, real trainings and other tools, too")
    parser.add_argument("--seeds", type=int, default=6, help="real trainings of each variant")
    parser.add_argument("--draws", type=int, nargs="+", metavar="D", help="other draws of their data than the reported")
    parser.add_argument("--no-peers", action="store_true", help="leave the other tools out")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/verdicts.md; implies --all")
    asked = parser.parse_args()
    if asked.write and asked.half != 1:
        parser.error("Expected --half 1 with --write. Received: --half 0, which thresholds were set on.")
    if asked.write and asked.draws:
        parser.error(f"Expected no --draws with --write. Received: {asked.draws}, which the page is not of.")
    tallies = count(cases(half=asked.half, per_kind=asked.each, kinds=(*KINDS, *RECORDED)), errors=asked.errors)
    tallies |= count_studies(half=asked.half, per_kind=asked.each, errors=asked.errors)
    print_kinds(tallies)
    if not (asked.all or asked.write):
        return
    tables = {"codes": codes_table(tallies), **others(asked)}
    print("\n\n".join(tables.values()))
    if asked.write:
        write(ROOT / "docs" / "verdicts.md", tables)


def print_kinds(tallies: Mapping[str, Mapping[str, Counter[str]]]) -> None:
    """A line for each code and kind of case."""
    print(f"{'code':26}{'kind of case':16}{'missed':>16}{'false alarms':>18}")
    for code, kinds in sorted(tallies.items()):
        total = sum(kinds.values(), Counter())
        for kind, tally in [*kinds.items(), ("all", total)] if len(kinds) > 1 else kinds.items():
            print(f"{code:26}{kind:16}{share(tally['missed'], tally['must']):>16}", end="")
            print(f"{share(tally['false'], tally['must not']):>18}")


def others(asked: argparse.Namespace) -> dict[str, str]:
    """The tables on noise and on other tools."""
    from loud import shares
    from peers import PEERS, ask, install
    from trainings import REPORTED, trainings

    from comparison import by_group, by_noise, compare, generated, shown, trained

    loud = loud_table(shares(half=asked.half, per_kind=asked.each))
    home = ROOT / "build" / "verdicts"
    missing = dict.fromkeys(PEERS, "left out") if asked.no_peers else install(home / "venv")
    names = [name for name in PEERS if name not in missing]

    def answers(logs: Sequence[Path]) -> dict[str, list[str]]:
        return ask(home / "venv", logs, names=names)

    with tempfile.TemporaryDirectory() as folder:
        logs = generated(Path(folder), half=asked.half, per_kind=max(1, asked.each * 2 // 5))
        pieces = list(trainings(seeds=asked.seeds, draws=asked.draws or REPORTED))
        logs += trained(Path(folder), pieces)
        rows = compare(logs, ask=answers if names else None)
        seen = shown_table(shown(logs))
    unsure = sum(piece.truth is None for piece in pieces)
    versions = ", ".join(f"{name} {PEERS[name]}" for name in names)
    sentences = [f"Versions: {versions}." if versions else "No other tool was asked."]
    sentences += [f"{name} {PEERS[name]} could not be asked: {reason}." for name, reason in missing.items()]
    if not any(row.group.startswith("IMDB") for row in rows):
        sentences.append("IMDB was not available.")
    return {
        "noise": loud,
        "tools": f"{tools_table(by_group(rows))}\n\n{' '.join(sentences)}",
        "tools-by-noise": tools_table(by_noise(rows)),
        "shown": f"{seen}\n\nFor {unsure:,} further logs, of {len(pieces):,} in all, the pool does not tell the truth.",
    }


if __name__ == "__main__":
    main()
