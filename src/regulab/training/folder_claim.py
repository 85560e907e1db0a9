"""Claiming a run folder: from the claim on until its end, one run alone writes to the folder."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from regulab.errors import InputError, StorageError
from regulab.histories.json_files import Document
from regulab.histories.run_folder import RunFolder, RunState
from regulab.training.folder import check_folder
from regulab.training.run_lock import RunLock

# Another run may take back a folder that it made at the moment in which this one enters it.
_ATTEMPTS = 5
#: Error numbers of a disk, or of a user's share of it, that takes no more.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RESUME = "What was saved before is kept: resume the run with --resume (in Python, resume=True)."


class FolderClaim:
    """A run folder that nobody else writes to, made by `claim_folder` or `claim_new_folder`.

    Args:
        run: The folder.
        lock: Its lock, held.
        resume: Whether an unfinished run goes on there.
    """

    def __init__(self, run: RunFolder, lock: RunLock, *, resume: bool = False) -> None:
        self.run = run
        self.resume = resume
        self._lock = lock

    def begin(self, asked: Document) -> None:
        """Write down what was asked.

        Raises:
            InputError: If that cannot be written.
        """
        try:
            self.run.write_study(asked)
        except OSError as error:
            raise _cannot_be_written(self.run.path, error) from None

    def abandon(self) -> None:
        """Take back what `begin` wrote, where nothing came of the run."""
        with suppress(OSError):
            if self._lock.is_held:
                self.run.study_file.unlink(missing_ok=True)

    def complete(self, document: Document, *, models: Iterable[Path]) -> None:
        """Write the answers, which make the run complete, if everything else is still there.

        Args:
            document: The answers.
            models: The files of the models that were saved.

        Raises:
            StorageError: If a file was deleted during the run, or the answers cannot be written.
        """
        with self.writing():
            needed = (self.run.study_file, self.run.histories_file, self.run.losses_file, *models)
            missing = next((file for file in needed if not file.is_file()), None)
            if missing is not None:
                raise StorageError(
                    f"Expected the files of the run in {self.run.path} to stay there. Received: {missing}, which was "
                    f"deleted during the run. {_RESUME}"
                )
            self.run.complete(document)

    @property
    def can_be_resumed(self) -> bool:
        """Whether the folder holds what this run has written so far, unfinished."""
        return self._lock.is_held and self.run.state is RunState.UNFINISHED

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A block that writes to the folder, where nothing but success is success.

        Raises:
            StorageError: If the disk is full or fails, or the folder was deleted or replaced.
        """
        before = sys.exception()
        self._check_held()
        try:
            yield
        except StorageError:
            raise
        except Exception as error:
            self._check_held()
            # What writes pages and models raises errors of its own while an OSError is handled.
            cause = causing_os_error(error, before)
            if cause is None:
                raise
            remedy = "Make room there. " if cause.errno in FULL else ""
            raise StorageError(
                f"Expected a disk that takes the run in {self.run.path}. Received: {cause.strerror or cause}. "
                f"{remedy}{_RESUME}"
            ) from error
        self._check_held()

    def _check_held(self) -> None:
        if not self._lock.is_held:
            raise StorageError(
                f"Expected the folder of the run at {self.run.path}. Received: a path where it was deleted or replaced "
                "during the run. Run the study again, and leave its folder in place."
            )


def causing_os_error(error: BaseException, before: BaseException | None = None) -> OSError | None:
    """The error of the operating system that led to another error, if one did.

    Args:
        error: What was raised in the end.
        before: What was being handled before the block that raised `error`, which did not lead to it.

    Example:
        >>> try:
        ...     try:
        ...         raise OSError(28, "No space left on device")
        ...     finally:
        ...         raise ValueError("Cannot close the archive.")
        ... except ValueError as error:
        ...     causing_os_error(error)
        OSError(28, 'No space left on device')
    """
    cause: BaseException | None = error
    while cause is not None and cause is not before:
        if isinstance(cause, OSError) and cause.errno is not None:
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


@contextmanager
def claim_folder(path: Path, *, resume: bool = False) -> Iterator[FolderClaim]:
    """Claim a folder for one run, for the length of the block.

    Where no run has begun by the end of the block, the folders that the claim created are gone again.

    Args:
        path: The folder; created if it is missing.
        resume: Whether an unfinished run is to go on there.

    Raises:
        InputError: If another run is writing there, the folder is in use or cannot be written to, or, with `resume`,
            it holds no unfinished run.
    """
    run = RunFolder(path)
    if not _is_file(run.lock_file):
        check_folder(run, resume=resume)  # writes nothing into a folder of something else
    lock, created = _entered(run)
    with _released(run, lock, created):
        # Another run may have begun or ended there in the meantime.
        check_folder(run, resume=resume)
        yield FolderClaim(run, lock, resume=resume)


@contextmanager
def claim_new_folder(parent: Path, name: str) -> Iterator[FolderClaim]:
    """Claim the first free of the folders `NAME`, `NAME-2`, `NAME-3`, …, for the length of the block.

    Runs that begin at the same time get different folders.

    Args:
        parent: The folder to create it in; created if it is missing.
        name: The first choice.

    Raises:
        InputError: If no folder can be created there.
    """
    for number in count(1):
        run = RunFolder(parent / (name if number == 1 else f"{name}-{number}"))
        created = _missing(run.path)
        try:
            run.path.mkdir(parents=True)  # made by one process only
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_be_written(run.path, error) from None
        lock = RunLock(run)
        if _acquired(lock, run):
            break
    with _released(run, lock, created):
        yield FolderClaim(run, lock)


def _entered(run: RunFolder) -> tuple[RunLock, tuple[Path, ...]]:
    """The lock of a folder, acquired, and the folders that had to be created, innermost first."""
    lock = RunLock(run)
    for attempt in range(_ATTEMPTS):
        created = _missing(run.path)
        try:
            run.path.mkdir(parents=True, exist_ok=True)
            if lock.acquire():
                return lock, created
            break
        except FileNotFoundError as error:
            if attempt == _ATTEMPTS - 1:
                raise _cannot_be_written(run.path, error) from None
        except OSError as error:
            _take_back(created)
            raise _cannot_be_written(run.path, error) from None
    holder = lock.holder()
    writer = "another run" if holder is None else f"{holder}"
    raise InputError(
        f"Expected a folder that no other run is writing to. Received: {run.path}, in use by {writer}. "
        "Wait until that run ends, or choose another folder."
    )


def _acquired(lock: RunLock, run: RunFolder) -> bool:
    try:
        return lock.acquire()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _cannot_be_written(run.path, error) from None


@contextmanager
def _released(run: RunFolder, lock: RunLock, created: tuple[Path, ...]) -> Iterator[None]:
    try:
        yield
    finally:
        was_held = lock.is_held
        lock.release()
        if was_held:
            _take_back(created)


def _missing(path: Path) -> tuple[Path, ...]:
    return tuple(folder for folder in (path, *path.parents) if not folder.exists())


def _take_back(created: tuple[Path, ...]) -> None:
    """Remove those of the created folders that hold nothing."""
    with suppress(OSError):
        for folder in created:
            folder.rmdir()


def _cannot_be_written(path: Path, error: OSError) -> InputError:
    remedy = "Make room there, or choose" if error.errno in FULL else "Choose"
    return InputError(
        f"Expected a folder that can be written to. Received: {path} ({error.strerror}). {remedy} another folder."
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
