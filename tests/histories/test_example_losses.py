from __future__ import annotations

import math
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made import made
from regulab.errors import InputError
from regulab.histories.example_losses import ExampleLosses, read_losses, write_losses
from regulab.histories.run_folder import RunFolder


def test_example_losses_come_back_as_float32(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    slashed = "width/4"
    write_losses(
        path,
        {
            ("baseline", 0): ExampleLosses(np.array([0.1, np.nan]), np.array([0.3])),
            (slashed, 12): ExampleLosses(np.array([0.4, 0.5])),
        },
    )
    losses = read_losses(path)
    assert list(losses) == [("baseline", 0), (slashed, 12)]
    assert losses["baseline", 0].validation.dtype == np.float32
    assert losses["baseline", 0].validation[0] == np.float32(0.1)
    assert math.isnan(losses["baseline", 0].validation[1])
    assert losses["baseline", 0].test.tolist() == [np.float32(0.3)]
    assert losses[slashed, 12].test is None


def test_a_damaged_archive_of_losses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    losses = np.linspace(0, 1, 50)
    write_losses(path, {("baseline", 0): ExampleLosses(losses, losses)})
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(losses.astype(np.float32).tobytes()) + 8] ^= 255
    for damaged in (b"", b"variant,seed\n", whole[:-1], whole[:200], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"losses\.npz, which is damaged or of another kind\. Run the study again"):
            read_losses(path)


def test_a_damaged_compressed_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "losses.npz"
    np.savez_compressed(path, **{"baseline/0/validation": np.zeros(50)})
    damaged = bytearray(path.read_bytes())
    # The data follow 30 bytes, the name and an extra field, whose lengths are at 26 and 28; no block begins with 0xFF.
    name, extra = struct.unpack_from("<HH", damaged, 26)
    damaged[30 + name + extra] = 0xFF
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="which is damaged"):
        read_losses(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"loss": np.zeros(2)}, "of another kind"),
        ({"baseline/x/validation": np.zeros(2)}, "of another kind"),
        ({"baseline/0/validation": np.array([[1], [2, 3]], dtype=object)}, r"Received: object of shape \(2,\) for"),
        ({"baseline/0/test": np.zeros(2)}, "Received: none of 'baseline', seed 0"),
    ],
)
def test_an_archive_of_something_else_is_refused(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    np.savez(tmp_path / "losses.npz", **content)
    with pytest.raises(InputError, match=message):
        read_losses(tmp_path / "losses.npz")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    with (tmp_path / "losses.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="of another kind"):
        read_losses(tmp_path / "losses.npz")


def test_arrays_of_members_that_nobody_asked_for_are_refused_before_they_take_memory(tmp_path: Path) -> None:
    results = made(seeds=1, variants=("baseline",))
    examples = 100_000
    row = np.zeros(examples, dtype=np.float32)
    study = {**results.study, "data": {**results.study["data"], "validation": examples, "test": None}}
    run = RunFolder(tmp_path)
    run.write_study(study)
    run.write_histories(results.histories)
    # Zeros pack to a thousandth of their size.
    np.savez_compressed(run.losses_file, **{f"{name}/0/validation": row for name in ("baseline", *map(str, range(60)))})
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"Received: more than study\.json asks for: '0', seed 0"):
            run.contents()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 * row.nbytes
