"""The user's folders that do not belong to a single folder of work: settings, a cache, and the work on a session."""

from __future__ import annotations

from pathlib import Path


def work_folder(session: str) -> Path:
    """Where the work on a session is kept unless the learner chooses another folder: `~/regulab/SESSION`."""
    return Path.home() / "regulab" / session


def config_folder() -> Path:
    """For what the user has decided: `~/.config/regulab` on Linux, and its counterparts on Windows and macOS."""
    from platformdirs import user_config_path

    return user_config_path("regulab", appauthor=False, roaming=True)


def cache_folder() -> Path:
    """For what can be created again: `~/.cache/regulab` on Linux, and its counterparts on Windows and macOS."""
    from platformdirs import user_cache_path

    return user_cache_path("regulab", appauthor=False, opinion=False)
