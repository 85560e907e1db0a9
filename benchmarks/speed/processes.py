"""Contenders as processes that take turns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Values = dict[str, float]
#: For idle threads of the last contender to fall asleep.
_PAUSE = 0.1


class ContenderError(Exception):
    """A contender stopped before it was done."""


class Contender(Protocol):
    """Something that can be measured again and again."""

    def start(self) -> None:
        """Get ready, unmeasured."""

    def turn(self) -> Values:
        """Do once what is measured."""

    def stop(self) -> None:
        """Leave."""


class Whole:
    """A command that is run anew each turn, measured from start to end with the most memory that it held.

    Args:
        command: What to run.
        log: Where its output goes.
        environment: The process's environment.
        values: A JSON file with figures of its own that the command may write.
        fresh: A folder to remove before each turn.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        values: Path | None = None,
        fresh: Path | None = None,
    ) -> None:
        self._command, self._environment, self._log = list(command), dict(environment), log
        self._values, self._fresh = values, fresh

    def start(self) -> None:
        """Nothing to get ready."""

    def turn(self) -> Values:
        """Run the command once."""
        if self._fresh is not None:
            shutil.rmtree(self._fresh, ignore_errors=True)
        if self._values is not None:
            self._values.unlink(missing_ok=True)
        with self._log.open("w") as log:
            started = time.perf_counter()
            process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise ContenderError(_failure(self._command, process.returncode, self._log))
        own = json.loads(self._values.read_text()) if self._values is not None else {}
        return {"seconds": seconds, "peak_mb": _megabytes(usage.ru_maxrss), **own}

    def stop(self) -> None:
        """Nothing is left."""


class Worker:
    """A process that stays, and does one turn when told to; see `turns` for its side.

    Args:
        command: What to run.
        log: Where its chatter goes.
        environment: The process's environment.
    """

    def __init__(self, command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        self._command, self._log, self._environment = list(command), log, dict(environment)
        self._process: Any = None

    def start(self) -> None:
        """Start the process and wait until it has loaded everything."""
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._log.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._answer()

    def turn(self) -> Values:
        """Let it do one turn."""
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ContenderError(_failure(self._command, self._process.wait(), self._log)) from None
        return self._answer()

    def stop(self) -> None:
        """Let it end; a worker that does not is killed."""
        if self._process is None:
            return
        try:
            self._process.stdin.close()
            self._process.wait(timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process = None

    def _answer(self) -> Values:
        line = self._process.stdout.readline()
        if not line:
            raise ContenderError(_failure(self._command, self._process.wait(), self._log))
        answer: Values = json.loads(line)
        return answer


def interleave(
    case: str, contenders: Mapping[str, Contender], *, rounds: int, warm: int = 0, say: bool = True
) -> list[dict[str, Any]]:
    """Let contenders take turns, each round beginning with another one.

    Args:
        case: What they all do.
        contenders: Who takes turns, by name.
        rounds: Turns of each that are recorded.
        warm: Turns of each before that.
        say: Whether to tell on standard error.

    Returns:
        One record a turn: `case`, `contender`, `round` and `values`.
    """
    names, records = list(contenders), []
    try:
        for contender in contenders.values():
            contender.start()
        for number in range(-warm, rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                time.sleep(_PAUSE)
                values = contenders[name].turn()
                if number >= 0:
                    records.append({"case": case, "contender": name, "round": number, "values": values})
                    if say:
                        shown = "  ".join(f"{key} {value:.4g}" for key, value in values.items())
                        print(f"{case}, round {number + 1} of {rounds}, {name}: {shown}", file=sys.stderr, flush=True)
    finally:
        for contender in contenders.values():
            contender.stop()
    return records


def _megabytes(resident: int) -> float:
    """Linux counts in kilobytes, macOS in bytes."""
    return resident / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def _failure(command: Sequence[str], code: int, log: Path) -> str:
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    return f"Expected {' '.join(command)} to run. Received: exit code {code}; the end of {log}:\n{tail}"
