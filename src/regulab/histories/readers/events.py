"""The scalars in TensorBoard's event files, read by the tensorboard package without TensorFlow."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regulab.errors import InputError, require
from regulab.histories.readers.text import reading, shown_path

# The first event of a file says which version wrote it.
_MARK = b"brain.Event:"
_MAX_BYTES = 200_000_000
_MAX_POINTS = 1_000_000
_MAX_ENTRIES = 50_000


@dataclass
class EventFile:
    """The scalars of one file.

    Attributes:
        path: The file.
        points: For each tag its `(step, value)` pairs in the order of writing.
        started: When its first event was written, in seconds since 1970.
        damaged: Whether it could not be read to its end.
    """

    path: Path
    points: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    started: float = math.inf
    damaged: bool = False


def is_event_file(path: Path) -> bool:
    """Whether a file is an event file, by its first bytes."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            return _MARK in file.read(64)
    except OSError:
        return False


def find_event_files(folder: Path) -> list[Path]:
    """All event files in a folder and below it, in the order of their names, which is that of writing.

    Raises:
        InputError: If the folder holds too much to look through.
    """
    event_files = []
    seen = 0
    with reading(folder):
        for parent, folders, files in os.walk(folder):
            folders.sort()
            seen += len(folders) + len(files)
            if seen > _MAX_ENTRIES:
                raise InputError(
                    f"Expected a folder with at most {_MAX_ENTRIES:,} files to look for a log in. "
                    f"Received: {shown_path(folder)}. Name the log's own folder."
                )
            event_files += [path for name in sorted(files) if is_event_file(path := Path(parent, name))]
    return event_files


def read_event_files(paths: list[Path]) -> list[EventFile]:
    """Read the scalars of event files.

    Raises:
        MissingDependencyError: If the tensorboard package is not installed.
        InputError: If there is too much to read.
    """
    require("tensorboard", extra="tensorboard", purpose="Reading TensorBoard's event files")
    with reading(paths[0]):
        size = sum(path.stat().st_size for path in paths)
    if size > _MAX_BYTES:
        raise InputError(
            f"Expected event files of at most {_MAX_BYTES // 10**6} MB together. "
            f"Received: {size // 10**6} MB in {shown_path(paths[0].parent)} and elsewhere. "
            "Name the folder of a single run."
        )
    read = []
    points = 0
    for path in paths:
        file = EventFile(path)
        for tag, step, value in _scalars(file):
            file.points.setdefault(tag, []).append((step, value))
            points += 1
            if points > _MAX_POINTS:
                raise InputError(
                    f"Expected at most {_MAX_POINTS:,} values in the event files of a log. "
                    f"Received: more in {shown_path(path.parent)}. "
                    "Log a value an epoch, or name the folder of a single run."
                )
        read.append(file)
    return read


def _scalars(file: EventFile) -> Iterator[tuple[str, int, float]]:
    from tensorboard.compat.proto.event_pb2 import Event

    for record in _records(file):
        try:
            event = Event.FromString(record)
        except Exception:  # protobuf's own, which is no dependency of regulab by name
            file.damaged = True
            return
        # The first event is written when the file is opened, which is before any validation.
        file.started = min(file.started, event.wall_time)
        for value in event.summary.value:
            number = _number(value)
            if number is not None:
                yield value.tag, event.step, number


def _records(file: EventFile) -> Iterator[bytes]:
    # The stub is what tensorboard itself reads with where TensorFlow is not installed. Its own switch
    # between the two would import TensorFlow here, or take it from others in this process.
    from tensorboard.compat.tensorflow_stub import errors
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

    with reading(file.path):
        reader = PyRecordReader_New(os.fsencode(file.path.resolve()).decode("utf-8", "surrogateescape"), 0, None, None)
        while True:
            try:
                reader.GetNext()
            except errors.OutOfRangeError:
                return
            except (errors.OpError, OverflowError, MemoryError, ValueError):
                file.damaged = True  # cut short, or still being written
                return
            yield reader.record()


def _number(value: Any) -> float | None:
    """The scalar in a summary value, as Keras, PyTorch and TensorFlow 1 write it; None where it is something else."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind != "tensor" or value.metadata.plugin_data.plugin_name not in ("", "scalars"):
        return None
    if value.tensor.tensor_shape.dim:
        return None  # before it is decoded: a few bytes can stand for a tensor of any size
    from tensorboard.util.tensor_util import make_ndarray

    try:
        array = make_ndarray(value.tensor)
        return float(array) if array.ndim == 0 else None
    except Exception:  # a damaged tensor fails wherever the decoder stumbles over it
        return None
