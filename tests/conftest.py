"""The surroundings of every test: no chatter, no window, no network, nothing of the user's own."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import socket

# Before TensorFlow, whose own SQLite has no full-text search and takes the place of Python's where it is loaded first.
import sqlite3  # noqa: F401
import tempfile
from pathlib import Path
from typing import Any

import pytest

HOME = Path(tempfile.mkdtemp(prefix="regulab-tests-"))

# Set before anything imports TensorFlow, Keras or Matplotlib, and handed down to every child process.
# The proxy leads nowhere: a child that tries to download fails at once.
os.environ.update(
    TF_CPP_MIN_LOG_LEVEL="3",
    KERAS_BACKEND="tensorflow",
    MPLBACKEND="Agg",
    KERAS_HOME=str(HOME / "keras"),
    REGULAB_DATA_DIR=str(HOME / "data"),
    XDG_CONFIG_HOME=str(HOME / "config"),
    XDG_CACHE_HOME=str(HOME / "cache"),
    http_proxy="http://127.0.0.1:9",
    https_proxy="http://127.0.0.1:9",
    no_proxy="localhost,127.0.0.1,::1",
)

IMDB = os.environ.get("REGULAB_TEST_DATA")
if IMDB:
    # Absolute, since tests work in folders of their own.
    os.environ["REGULAB_TEST_DATA"] = str(Path(IMDB).resolve())

collect_ignore = [] if IMDB else ["imdb"]


class NetworkUsedError(Exception):
    """A test tried to reach another machine."""


def _refuse_remote(host: Any) -> None:
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NetworkUsedError(f"Expected tests to stay on this machine. Received: a connection to {host!r}.")


class _LocalSocket(socket.socket):
    def connect(self, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_remote(address[0])
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_remote(address[0])
        return super().connect_ex(address)


def pytest_configure(config: pytest.Config) -> None:
    look_up = socket.getaddrinfo

    def look_up_local(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_remote(host)
        return look_up(host, *args, **kwargs)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket, "socket", _LocalSocket)
    patch.setattr(socket, "getaddrinfo", look_up_local)
    config.add_cleanup(patch.undo)
    config.add_cleanup(lambda: shutil.rmtree(HOME, ignore_errors=True))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported: it would walk through all of TensorFlow again and again."""
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores, as many tests wait; beyond four, memory runs short before time is saved."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not IMDB and Path(__file__).with_name("imdb").is_dir():
        terminalreporter.write_line(
            "Left out: tests on the real IMDB reviews. "
            "To run them: REGULAB_TEST_DATA=FOLDER .venv/bin/python -m pytest tests/imdb"
        )


@pytest.fixture(scope="session")
def imdb_folder() -> Path:
    """The folder with the real reviews."""
    if not IMDB:
        pytest.skip("REGULAB_TEST_DATA names no folder with the real IMDB reviews")
    return Path(os.environ["REGULAB_TEST_DATA"])
