"""Any log that regulab reads, recognized by its content and not by its name."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from regulab.errors import InputError
from regulab.histories.history import Histories
from regulab.histories.readers import run_folder
from regulab.histories.readers.events import find_event_files, is_event_file
from regulab.histories.readers.text import head, reading, refuse_printed, shown_path, unknown_format
from regulab.histories.run_folder import RunFolder

# What other tools call their log in the folder of a run.
_USUAL = ("metrics.csv", "trainer_state.json")


def read_log(path: str | Path, *, train_column: str | None = None, val_column: str | None = None) -> Histories:
    r"""The histories in a log, one for each run found in it.

    Measures have Keras's names: `loss` in training, `val_loss` in validation, metrics such as `accuracy`
    and `val_accuracy`. Epochs that are missing are NaN. `notes` says what was repaired or left out.

    Args:
        path: A log, a TensorBoard folder or a run folder.
        train_column: The column with the training loss; found by its name if None.
        val_column: The column with the validation loss; found by its name if None.

    Raises:
        InputError: If there is no such file, it is no log, or its columns leave open which is a loss.
        MissingDependencyError: If it is a TensorBoard log and the tensorboard package is not installed.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     log = Path(folder, "history.csv")
        ...     _ = log.write_text("epoch,loss,val_loss\n0,0.6,0.7\n1,0.4,0.5\n")
        ...     histories = read_log(log)
        >>> histories.members[0].variant, dict(histories.members[0].measures)
        ('history.csv', {'loss': (0.6, 0.4), 'val_loss': (0.7, 0.5)})
    """
    path = Path(path)
    options = {"train_column": train_column, "val_column": val_column}
    if "\0" in str(path):
        raise InputError("Expected the path of a log. Received: one with a null character.")
    with reading(path):
        mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _read_folder(path, options)
    if not stat.S_ISREG(mode):
        raise InputError(f"Expected a file or a folder. Received: {shown_path(path)}, which is neither.")
    if is_event_file(path):
        from regulab.histories.readers.tensorboard import read_tensorboard

        return read_tensorboard(path, files=[path], **options)
    start = head(path)
    if not start.strip():
        raise InputError(f"Expected a log with at least one epoch. Received: {shown_path(path)}, which is empty.")
    refuse_printed(path, start)
    plain = _as_text(path, start).lstrip("\ufeff \t\r\n")
    if plain.startswith(("{", "[")):
        from regulab.histories.readers.records import read_records

        return read_records(path, **options)
    if plain.startswith(run_folder.HEADER):
        return run_folder.read_run_histories(path)
    from regulab.histories.readers.table import read_table

    return Histories((read_table(path, **options),))


def _read_folder(folder: Path, options: dict[str, str | None]) -> Histories:
    with reading(folder):
        run = RunFolder(folder)
        if run.is_readable:
            return run_folder.read_run_folder(run)
        usual = [folder / name for name in _USUAL if (folder / name).is_file()]
    if usual:
        return read_log(usual[0], **options)
    files = find_event_files(folder)
    if not files:
        raise unknown_format(folder, _within(folder))
    from regulab.histories.readers.tensorboard import read_tensorboard

    return read_tensorboard(folder, files=files, **options)


def _within(folder: Path) -> str:
    """What to say of a folder that is no log: the one that was meant may lie in it."""
    with reading(folder):
        files = [path for path in folder.rglob("*") if path.is_file()]
    likely = [path for path in files if path.name in _USUAL]
    likely = likely or [path for path in files if path.suffix == ".csv" or path.match("*history*.json")]
    if not likely:
        return "a folder that holds none"
    return f"a folder that is none itself; name one within it, such as {shown_path(min(likely))}"


def _as_text(path: Path, start: bytes) -> str:
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in start and not wide:
        raise unknown_format(path, "which is no text and no event file")
    return start.decode("utf-16" if wide else "utf-8", errors="replace")
