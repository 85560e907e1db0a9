"""Runs in the peers' environment: calls each tool's own command on each log and sums its report up in a word.

    python ask_peers.py TOOL... < list of logs

Nothing but the command line that a user has is used, with default settings and the report as JSON. An answer is

- `overfitting`: the tool's own check for overfitting gave a finding. Its severity does not matter for losslint, which
  has no higher one than info for it, and for runmedic, which says info below a rise of 15%. A finding of trainspotter
  counts as warning; it turns its own into info to say that something else explains the rise.
- `something else`: not that, but another finding of severity warning or worse.
- `healthy`: neither. Informative findings about other things stay out of it, in favour of the tool.
- `no answer`: the tool stopped with an error.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from collections.abc import Callable, Iterable

Found = Iterable[tuple[str, str]]


def losslint(report: dict) -> Found:
    """Check and severity of every finding."""
    return [(finding["check"], finding["severity"]) for finding in report["findings"]]


def trainspotter(report: dict) -> Found:
    """Check and severity of every finding; an overfitting that was explained away is none."""
    return [
        (finding["detector"], finding["severity"])
        for finding in report["findings"]
        if (finding["detector"], finding["severity"]) != ("overfitting", "info")
    ]


def runmedic(report: list) -> Found:
    """Check and severity of every finding."""
    return [(finding["check"], finding["severity"]) for run in report for finding in run["findings"]]


#: For each tool the arguments around the log, how to read its report, and its name for overfitting.
TOOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[..., Found], str]] = {
    "losslint": (("check",), ("--format", "json"), losslint, "overfit_onset"),
    "trainspotter": (("analyze",), ("--output", "json"), trainspotter, "overfitting"),
    "runmedic": (("diagnose",), ("--json",), runmedic, "overfitting"),
}


def answer(name: str, log: str) -> str:
    """One tool's answer about one log."""
    before, after, read, overfitting = TOOLS[name]
    command = importlib.import_module(f"{name}.cli").main
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            command([*before, log, *after])
        findings = list(read(json.loads(printed.getvalue())))
    except (Exception, SystemExit):
        return "no answer"
    if any(check == overfitting for check, _ in findings):
        return "overfitting"
    return "healthy" if all(severity == "info" for _, severity in findings) else "something else"


if __name__ == "__main__":
    logs = sys.stdin.read().split("\n")
    json.dump({name: [answer(name, log) for log in logs] for name in sys.argv[1:]}, sys.stdout)
