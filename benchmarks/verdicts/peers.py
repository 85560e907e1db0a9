"""Other tools that judge training logs: installed into an environment of their own, asked in one process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Released versions, so that a table can be measured again.
PEERS: Mapping[str, str] = {"losslint": "0.4.1", "trainspotter": "0.2.6", "runmedic": "0.1.1"}
_ASK = Path(__file__).parent / "ask_peers.py"


def install(folder: Path) -> dict[str, str]:
    """Install every tool that is not there yet.

    Args:
        folder: The environment, made on first use.

    Returns:
        The tools that could not be installed, with the reason in one line.
    """
    if not _python(folder).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    missing = {}
    for name, version in PEERS.items():
        stamp = folder / f".{name}-{version}"
        if stamp.exists():
            continue
        print(f"Installing {name} {version} into {folder}, for this comparison only.", file=sys.stderr)
        pip = [str(_python(folder)), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        try:
            done = subprocess.run([*pip, f"{name}=={version}"], capture_output=True, text=True, timeout=180)
        except subprocess.TimeoutExpired:
            missing[name] = "pip took more than three minutes"
            continue
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            missing[name] = lines[-1].removeprefix("ERROR: ")
        else:
            stamp.touch()
    return missing


def ask(folder: Path, logs: Sequence[Path], *, names: Sequence[str]) -> dict[str, list[str]]:
    """What every tool says about every log.

    Args:
        folder: The environment.
        logs: Files as Keras's CSVLogger writes them.
        names: The tools to ask.

    Returns:
        For every tool an answer a log; `ask_peers` says which there are.
    """
    # A tool that cannot read a log must not end the others; what they print is not ours to show.
    done = subprocess.run(
        [str(_python(folder)), str(_ASK), *names],
        input="\n".join(map(str, logs)),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: dict[str, list[str]] = json.loads(done.stdout)
    return answers


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
