"""The lock on a run folder, so that one run at a time writes to it.

The operating system holds the lock and drops it when the process ends, however it ends, so the lock of a killed run
keeps nobody out. Reading a folder takes no lock.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from filelock import FileLock, Timeout

from regulab.errors import InputError
from regulab.histories.json_files import Document, read_json, write_json
from regulab.histories.run_folder import RunFolder


@dataclass(frozen=True)
class Holder:
    """Who writes to a run folder.

    Attributes:
        host: Name of the machine.
        pid: Number of the process there.
        since: When it began, as local time with the offset from UTC.

    Example:
        >>> str(Holder(host="lab3", pid=4242, since="2026-12-01 09:30:00+00:00"))
        'process 4242 on lab3 since 2026-12-01 09:30:00+00:00'
    """

    host: str
    pid: int
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}"

    @classmethod
    def here(cls) -> Holder:
        """This process."""
        now = datetime.now().astimezone()
        return cls(host=socket.gethostname(), pid=os.getpid(), since=now.isoformat(sep=" ", timespec="seconds"))

    @classmethod
    def read(cls, document: Document) -> Holder | None:
        """The holder that a file names, or None where the file holds something else."""
        host, pid, since = (document.get(key) for key in ("host", "pid", "since"))
        # Printed in an error, so a name must not be able to move the cursor.
        if isinstance(host, str) and isinstance(since, str) and type(pid) is int and (host + since).isprintable():
            return cls(host=host, pid=pid, since=since)
        return None


class RunLock:
    """The lock on one run folder.

    Args:
        run: The folder, which must exist by the time that `acquire` is called.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as path:
        ...     first, second = RunLock(RunFolder(Path(path))), RunLock(RunFolder(Path(path)))
        ...     taken = first.acquire(), second.acquire()
        ...     first.release()
        ...     again = second.acquire()
        ...     second.release()
        ...     taken, again
        ((True, False), True)
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        # Of this object alone: a second run in the same process, or in another of its threads, is refused as well.
        self._lock = FileLock(run.lock_file, timeout=0, thread_local=False)
        self._locked: os.stat_result | None = None

    def acquire(self) -> bool:
        """Take the lock and sign it, unless another run holds it.

        Raises:
            OSError: If the folder is missing or cannot be written to.
        """
        try:
            self._lock.acquire()
        except Timeout:
            return False
        try:
            self._locked = self._run.lock_file.stat()
            write_json(self._run.holder_file, asdict(Holder.here()))
        except BaseException:
            self.release()
            raise
        return True

    @property
    def is_held(self) -> bool:
        """Whether the lock is still that of the folder at the path, which may have been deleted or replaced."""
        try:
            return self._locked is not None and os.path.samestat(self._locked, self._run.lock_file.stat())
        except OSError:
            return False

    def holder(self) -> Holder | None:
        """Who holds the lock, as far as that is written down."""
        with suppress(OSError, InputError):
            if not self._run.holder_file.is_file():
                return None
            return Holder.read(read_json(self._run.holder_file))
        return None

    def release(self) -> None:
        """Drop the lock and leave no trace of it."""
        held = self.is_held
        if held:
            with suppress(OSError):
                self._run.holder_file.unlink()
        # Removed while it is locked, so that nobody locks a file that is about to go. Windows removes no open file.
        removed = held and _removed(self._run)
        self._locked = None
        with suppress(OSError):
            self._lock.release()
        if held and not removed and os.name == "nt":
            _removed(self._run)


def _removed(run: RunFolder) -> bool:
    try:
        run.lock_file.unlink()
    except OSError:
        return False
    return True
