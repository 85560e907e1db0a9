"""How often each finding is missed or given without cause, on curves whose truth is known.

python benchmarks/verdicts/run.py [--half 0|1] [--each N] [--errors CODE]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from curves import Case, cases

from regulab.findings.checks import diagnose_member
from regulab.histories.readers.plain import to_history


def judge(case: Case) -> frozenset[str]:
    """The codes that regulab gives to a case."""
    return frozenset(finding.code for finding in diagnose_member(to_history(dict(case.table), name=case.kind)))


def count(todo: Iterable[Case], *, errors: str = "") -> dict[str, dict[str, Counter[str]]]:
    """For each code and kind of case how often it was asked for, missed, forbidden and given without cause."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for case in todo:
        given = judge(case)
        for code in case.must | case.must_not:
            tally = found[code][case.kind]
            tally["must" if code in case.must else "must not"] += 1
            wrong = (code in given) != (code in case.must)
            tally["missed" if code in case.must else "false"] += wrong
            if wrong and code == errors:
                losses = " ".join(f"{value:.4g}" for value in case.table["val_loss"])
                print(case.kind, {key: round(value, 4) for key, value in case.told.items()}, losses)
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="0: for tuning; 1: for reporting")
    parser.add_argument("--each", type=int, default=1000, help="cases of each kind")
    parser.add_argument("--errors", default="", metavar="CODE", help="print the cases where this code is wrong")
    asked = parser.parse_args()
    found = count(cases(half=asked.half, each=asked.each), errors=asked.errors)
    print(f"{'code':26}{'kind of case':16}{'missed':>16}{'false alarms':>18}")
    for code, kinds in sorted(found.items()):
        total = sum(kinds.values(), Counter())
        for kind, tally in [*kinds.items(), ("all", total)] if len(kinds) > 1 else kinds.items():
            print(f"{code:26}{kind:16}{share(tally['missed'], tally['must']):>16}", end="")
            print(f"{share(tally['false'], tally['must not']):>18}")


def share(part: int, whole: int) -> str:
    """A share in percent with what it is of, or nothing where it is of nothing."""
    return f"{100 * part / whole:.2f}% of {whole}" if whole else ""


if __name__ == "__main__":
    main()
