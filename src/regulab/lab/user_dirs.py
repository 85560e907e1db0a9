"""Where regulab keeps what belongs to a user and to no single folder of work."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def work_folder(session: str) -> Path:
    """Where work on a session lies unless the learner says otherwise: the same from everywhere."""
    return Path.home() / "regulab" / session


def config_folder() -> Path:
    """For what the user decided: `~/.config/regulab` on Linux, and what Windows and macOS have for it."""
    return _folder("XDG_CONFIG_HOME", ".config", windows="APPDATA", macos="Application Support")


def cache_folder() -> Path:
    """For what can be made again: `~/.cache/regulab` on Linux, and what Windows and macOS have for it."""
    return _folder("XDG_CACHE_HOME", ".cache", windows="LOCALAPPDATA", macos="Caches")


def _folder(variable: str, usual: str, *, windows: str, macos: str) -> Path:
    if sys.platform == "win32":
        root = Path(os.environ.get(windows) or Path.home())
    elif os.path.isabs(os.environ.get(variable, "")):  # noqa: PTH117 - an empty or relative one is to be ignored
        root = Path(os.environ[variable])
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / macos
    else:
        root = Path.home() / usual
    return root / "regulab"
