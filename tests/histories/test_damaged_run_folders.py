"""Run folders in which one thing is damaged: every command that reads them answers, or refuses in one message."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made import made, saved
from regulab.diagnosis.logs import diagnose
from regulab.errors import InputError, RegulabError
from regulab.histories.example_losses import read_losses
from regulab.histories.json_files import plain, read_json
from regulab.histories.run_folder import RunFolder
from regulab.results import Results, load
from regulab.run_comparison import compare_runs
from regulab.training.folder import check_same_study
from regulab.training.run_lock import RunLock

STUDY: dict[str, Any] = {
    "data": {
        "name": "made",
        "title": "made",
        "train": 80,
        "validation": 8,
        "test": 8,
        "synthetic": True,
        "source": "this test",
        "validation_is_test": False,
        "fingerprint": "12ab34cd",
        "duplicates": {"validation": 1, "test": 0},
    },
    "variants": [
        {
            "name": name,
            "label": label,
            "description": "",
            "parameters": 160,
            "capacity": False,
            "fingerprints": {"model": "1", "optimizer": "2"},
        }
        for name, label in (("baseline", "baseline"), ("l2", "l2(0.001)"))
    ],
    "loss": "mse",
    "epochs": 4,
    "batch_size": 32,
    "seeds": [0, 1],
    "class_weight": {"0": 1.0},
    "shuffle_seed": 0,
    "versions": {"regulab": "1", "keras": "3"},
}
ODD = (None, True, -1, 1.5, 10**400, float("inf"), float("nan"), "", "\x1b[2J", [], {}, [1], {"a": [None]}, [[]])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undamaged run folder."""
    folder = saved(made(seeds=2, variants=("baseline", "l2")), tmp_path_factory.mktemp("whole") / "run")
    (folder / "study.json").write_text(json.dumps(STUDY))
    return folder


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to damage."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for file in whole.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture(autouse=True)
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    # Drawn from the same histories, in a hundred times the time of everything else.
    monkeypatch.setattr(Results, "_pictures", lambda _: {})


def everything(folder: Path, whole: Path) -> list[Callable[[], object]]:
    """All that reads a run folder."""

    def answers() -> None:
        results = load(folder)
        str(results)
        results.document()
        results.report()

    return [
        answers,
        lambda: str(diagnose(folder)),
        lambda: compare_runs([whole, folder]).document(),
        lambda: check_same_study(RunFolder(folder), STUDY),
        lambda: RunLock(RunFolder(folder)).holder(),
    ]


def refusals(folder: Path, whole: Path) -> list[str]:
    """The messages of the commands that refuse the folder; what else they raise is a fault."""
    messages = []
    for act in everything(folder, whole):
        try:
            act()
        except RegulabError as error:
            messages.append(str(error))
    return messages


def nodes(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document, the document's own but for the others."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in entries:
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from nodes(value, (*path, key))


def changed(path: tuple[Any, ...], *, value: Any = None, delete: bool = False) -> Any:
    document = deepcopy(STUDY)
    *parents, last = path
    within: Any = document
    for key in parents:
        within = within[key]
    if delete:
        del within[last]
    else:
        within[last] = value
    return document


def test_an_undamaged_folder_is_refused_by_nothing(damaged: Path, whole: Path) -> None:
    assert refusals(damaged, whole) == []


@pytest.mark.parametrize("path", list(nodes(STUDY)), ids=lambda path: "-".join(map(str, path)))
def test_a_study_with_an_odd_or_missing_value_is_answered_or_refused(
    damaged: Path, whole: Path, path: tuple[Any, ...]
) -> None:
    for document in [changed(path, delete=True), *(changed(path, value=value) for value in ODD)]:
        (damaged / "study.json").write_text(json.dumps(document))
        for message in refusals(damaged, whole):
            assert message.startswith(("Expected ", "No "))
            assert message.isprintable()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("data", "duplicates"), [1], "`duplicates` of `data` is not an object whose values are each a whole number"),
        (("variants", 1, "parameters"), float("inf"), "`parameters` of `variants` is not a whole number from 0 on"),
        (("versions",), None, "`versions` is not an object whose values are each text"),
        (("seeds",), [0, 0], "`seeds` is not a list of different whole numbers from 0 on"),
        (("epochs",), 0, "`epochs` is not a whole number from 1 on"),
        (("variants", 1, "name"), "baseline", "two variants have one name"),
    ],
)
def test_the_message_names_the_value_that_is_damaged(
    damaged: Path, path: tuple[Any, ...], value: Any, message: str
) -> None:
    (damaged / "study.json").write_text(json.dumps(changed(path, value=value)))
    with pytest.raises(InputError) as caught:
        load(damaged)
    assert f"one in which {message}" in str(caught.value)


def test_a_missing_value_is_named(damaged: Path) -> None:
    (damaged / "study.json").write_text(json.dumps(changed(("data", "test"), delete=True)))
    with pytest.raises(
        InputError, match=r"study\.json that a study wrote in .*Received: one without `test` of `data`\."
    ):
        load(damaged)


def test_a_run_with_damaged_versions_is_not_resumed(damaged: Path) -> None:
    (damaged / "study.json").write_text(json.dumps(changed(("versions",), value=None)))
    with pytest.raises(InputError, match="`versions` is not an object"):
        check_same_study(RunFolder(damaged), plain(STUDY))


ARRAYS: dict[str, Any] = {
    "shorter": np.zeros(7, np.float32),
    "longer": np.zeros(9, np.float32),
    "empty": np.zeros(0, np.float32),
    "a number": np.float32(0.5),
    "a table": np.zeros((2, 4), np.float32),
    "whole numbers": np.zeros(8, int),
    "complex": np.zeros(8, complex),
    "flags": np.zeros(8, bool),
    "text": np.full(8, "0.5"),
    "dates": np.zeros(8, "datetime64[s]"),
    "records": np.zeros(8, [("loss", "f4")]),
    "objects": np.array([None] * 8),
}


@pytest.mark.parametrize("split", ["validation", "test"])
@pytest.mark.parametrize("array", ARRAYS)
def test_losses_of_another_shape_or_type_are_refused(damaged: Path, whole: Path, array: str, split: str) -> None:
    arrays = dict(np.load(damaged / "losses.npz"))
    np.savez(damaged / "losses.npz", **{**arrays, f"l2/1/{split}": ARRAYS[array]})
    assert len([message for message in refusals(damaged, whole) if "losses.npz" in message]) == 2


@pytest.mark.parametrize("names", [["l2/1/test"], ["l2/1/test", "l2/0/test"]])
def test_test_losses_of_some_members_alone_are_refused(damaged: Path, names: list[str]) -> None:
    arrays = dict(np.load(damaged / "losses.npz"))
    np.savez(damaged / "losses.npz", **{name: array for name, array in arrays.items() if name not in names})
    with pytest.raises(InputError, match=r"Expected test losses of the members .*Received: nothing of 'l2', seed [01]"):
        load(damaged)


@pytest.mark.parametrize("sizes", [None, {"validation": None}, {"validation": 8}])
def test_an_archive_that_would_unpack_to_more_than_the_study_has_is_refused_unread(
    tmp_path: Path, sizes: dict[str, int | None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "losses.npz"
    np.savez_compressed(path, **{"baseline/0/validation": np.zeros(10**7, np.float32)})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr("numpy.lib.format.read_array", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InputError, match=r"losses\.npz"):
        read_losses(path, sizes=sizes)


def test_an_array_longer_than_its_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = io.BytesIO()
    np.lib.format.write_array_header_1_0(whole, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    path = tmp_path / "losses.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("baseline/0/validation.npy", whole.getvalue())
    monkeypatch.setattr("numpy.lib.format.read_array", lambda *_, **__: pytest.fail("read"))
    with pytest.raises(InputError, match="damaged or of another kind"):
        read_losses(path)


@pytest.mark.parametrize("name", ["study.json", "histories.csv", "losses.npz"])
def test_a_file_with_changed_bytes_is_answered_or_refused(damaged: Path, whole: Path, name: str) -> None:
    rng, before = random.Random(name), (whole / name).read_bytes()
    for _ in range(60):
        data = bytearray(before)
        for _ in range(rng.choice([1, 3, 30])):
            start = rng.randrange(len(data))
            data[start : start + rng.choice([0, 1, 1, 8])] = rng.randbytes(rng.choice([0, 1, 1, 4]))
        (damaged / name).write_bytes(data)
        refusals(damaged, whole)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e-320", "1e308", "-1e308"])
def test_histories_with_odd_values_are_answered_or_refused(damaged: Path, whole: Path, value: str) -> None:
    header, *lines = (whole / "histories.csv").read_text().splitlines()
    for step in (1, 2, 3, 5):
        for measure in ("val_data_loss", "train_data_loss"):
            changed_lines = [
                f"{line.rpartition(',')[0]},{value}" if measure in line and not number % step else line
                for number, line in enumerate(lines)
            ]
            (damaged / "histories.csv").write_text("\n".join([header, *changed_lines]) + "\n")
            refusals(damaged, whole)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("name", ["study.json", "histories.csv", "losses.npz", ".run.json", "figures/loss.png"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(damaged: Path, whole: Path, name: str) -> None:
    (damaged / name).unlink(missing_ok=True)
    (damaged / name).parent.mkdir(exist_ok=True)
    os.mkfifo(damaged / name)
    messages = refusals(damaged, whole)
    if name.endswith((".csv", ".npz")):
        assert f"Expected a readable {name} in {damaged}. Received: a pipe, a socket or a device." in messages


def test_a_label_with_an_endless_strength_is_no_grid(damaged: Path, whole: Path) -> None:
    for label in ("l2(1e400)", "l2(1e999999999)", "l2(1/0)", "l2(nan)", "l2(1/1e-999)"):
        (damaged / "study.json").write_text(json.dumps(changed(("variants", 1, "label"), value=label)))
        # Another label is another study, which cannot be resumed there.
        assert [message for message in refusals(damaged, whole) if "to resume it" not in message] == []


def test_the_study_of_this_test_is_read_as_it_is(whole: Path) -> None:
    assert read_json(whole / "study.json") == STUDY
