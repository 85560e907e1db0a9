"""Trust in a session that somebody else wrote: given by the user, for exactly these files, and remembered.

A session's digest covers the names and contents of its files. Trust is one small file for each digest in the user's
configuration folder, so it is given in one atomic step, and taken back by deleting the file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.lab.authoring.records import Session
from regulab.lab.user_dirs import config_folder

#: What trust means, for users; the panel and the command line show the same text.
MEANS = (
    "If you trust it, its checks read the variables of your notebook in the notebook's kernel, and the server on this "
    "machine evaluates them. 'regulab session check' runs all of its code with your rights. You trust these files as "
    "they are now: when one changes, you are asked again. The cells that it gives you run with your rights whenever "
    "you run them, trusted or not, so read them first."
)


@dataclass(frozen=True)
class Trust:
    """The sessions that a user trusts.

    Attributes:
        folder: Where this is remembered; in the user's configuration folder by default.
        vouched: Whether whoever set up this server vouches for its session, so that nobody is asked.
    """

    folder: Path = field(default_factory=lambda: config_folder() / "trusted")
    vouched: bool = False

    def given(self, session: Session) -> bool:
        """Whether this session, as it was read, is trusted."""
        return session.built_in or self.vouched or self._file(session).is_file()

    def give(self, session: Session) -> None:
        """Trust this session, as it was read.

        Raises:
            InputError: If the file cannot be written.
        """
        about = {
            "title": session.title,
            "folder": str(session.folder),
            "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        file = self._file(session)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(file) as draft:
                draft.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"Expected a folder to remember your trust in. Received: {self.folder} ({error.strerror})."
            ) from None

    def _file(self, session: Session) -> Path:
        return self.folder / f"{session.digest}.json"


def settle(session: Session, trust: Trust, *, give: bool, ask: Callable[[str], bool] | None) -> bool:
    """Whether a session is trusted, after asking the user if possible.

    Args:
        session: The session, as it was read.
        trust: The sessions trusted so far.
        give: Whether the user has already said that they trust it.
        ask: Asks a yes-or-no question; None where nobody can answer.
    """
    if trust.given(session):
        return True
    if give or (ask is not None and ask(question(session))):
        trust.give(session)
        return True
    return False


def question(session: Session) -> str:
    """What the user is asked on the command line."""
    return (
        f"'{session.title}' is not one of regulab's own sessions. It is in {session.folder}, and its digest is "
        f"{short(session.digest)}. {MEANS}\nDo you trust it?"
    )


def short(digest: str) -> str:
    """Enough of a digest to compare by eye.

    Example:
        >>> short("0123456789abcdef" * 4)
        '0123 4567 89ab cdef'
    """
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))
