from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from regulab.histories.history import History
from regulab.histories.readers import read_log


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., History]:
    """Reads a log of a single run from its content, under a name that says nothing."""

    def read_one(content: Any, **options: str) -> History:
        path = tmp_path / "log.dat"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (history,) = read_log(path, **options)
        return history

    return read_one
