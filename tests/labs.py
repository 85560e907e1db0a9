"""Real labs for tests: `regulab lab` as a process of its own, in a home of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

#: A session of two tasks that trains nothing.
NUMBERS = Path(__file__).parent / "browser" / "numbers"
_ADDRESS = re.compile(r"(http://[\w.]+:\d+)/(\S+)/([^/?\s]+\.ipynb)\?token=(\w+)")


@dataclass
class Lab:
    """A running lab: its address without a path, its token, its folder and the notebook in it, and what it printed."""

    base: str
    view: str
    token: str
    folder: Path
    notebook: str
    output: str
    log: Path
    process: subprocess.Popen[str]

    def page(self, *, lab: bool = False) -> str:
        """Address of the notebook, in JupyterLab or in Notebook."""
        return f"{self.base}/{'lab/tree' if lab else 'notebooks'}/{self.notebook}?token={self.token}"


def surroundings(home: Path) -> dict[str, str]:
    """Variables for a process that takes a folder for its home."""
    jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", *jupyter)
    own = {name: str(home / name.lower()) for name in names}
    # A kernel shows plots in the notebook, and in a test it would not show what other than Python writes.
    left_out = ("MPLBACKEND", "PYTEST_CURRENT_TEST")
    return {name: value for name, value in os.environ.items() if name not in left_out} | own


@pytest.fixture(scope="session")
def start_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Starts a lab; all are ended when the tests are done."""
    home = tmp_path_factory.mktemp("home")
    env = surroundings(home)
    started: list[subprocess.Popen[str]] = []

    def start(
        session: str | Path,
        *options: str,
        folder: Path | None = None,
        port: int = 0,
        trust: bool = True,
        **more: str,
    ) -> Lab:
        folder = folder or tmp_path_factory.mktemp("work")
        command = [sys.executable, "-m", "regulab", "lab", str(session), "--no-browser", "--folder", str(folder)]
        if trust:
            command.append("--trust")
        log = home / f"log-{len(started)}.txt"
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [*command, "--port", str(port), *options],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=env | more,
            )
        started.append(process)
        assert process.stdout is not None
        output = ""
        for line in process.stdout:
            output += line
            if match := _ADDRESS.search(line):
                return Lab(match[1], match[2], match[4], folder, match[3], output, log, process)
        raise AssertionError(output + log.read_text())

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
