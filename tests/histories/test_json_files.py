from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from regulab.errors import InputError
from regulab.histories.json_files import plain, read_json, write_json


def test_json_holds_no_nan_and_no_numpy(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    document = {"a": math.nan, "b": (1, np.float32(0.5)), "c": {"d": [np.int64(3), -math.inf, np.nan]}, 4: None}
    write_json(path, document)
    assert (
        json.loads(path.read_text())
        == read_json(path)
        == {"a": None, "b": [1, 0.5], "c": {"d": [3, None, None]}, "4": None}
    )
    assert plain(True) is True
    assert path.read_text().endswith("}\n")


def test_a_document_that_json_cannot_hold_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1', r"Expected JSON in .*results\.json\. Received: .*line 1"),
        (b"", r"Expected JSON"),
        (b"[" * 100_000, r"Expected JSON"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", r"Expected JSON"),
        (b"\xff\xfe", r"Expected JSON"),
        (b"[1]", r"a JSON object in .*Received: list"),
    ],
)
def test_damaged_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "results.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_json(tmp_path / "results.json")
