"""Trust in a session that somebody else wrote: given by the user, to exactly these files, and kept.

A session's digest goes over the names and contents of its files. Trust is one small file for each digest in the
user's configuration folder, so that giving it is one step that nothing can come between, and taking it back is
deleting a file.
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

#: What is asked of a user, in their words; the panel and the command line show the same.
MEANS = (
    "With your trust, its checks read the variables of your notebook, in the notebook's kernel, and are judged by the "
    "server on this machine; 'regulab session check' runs all of its code, with your rights. Trust is for these files "
    "as they are: when one changes, you are asked again. The cells that it gives you run with your rights whenever you "
    "run them, trusted or not: read them first."
)


@dataclass(frozen=True)
class Trust:
    """What a user trusts.

    Attributes:
        folder: Where it is kept; in the user's configuration folder by default.
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
            InputError: If it cannot be kept.
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
                f"Expected a folder to keep your trust in. Received: {self.folder} ({error.strerror})."
            ) from None

    def _file(self, session: Session) -> Path:
        return self.folder / f"{session.digest}.json"


def settle(session: Session, trust: Trust, *, give: bool, ask: Callable[[str], bool] | None) -> bool:
    """Whether a session is trusted, after the user was asked where they can be.

    Args:
        session: The session, as it was read.
        trust: What is trusted so far.
        give: Whether the user has said so already.
        ask: Puts a question with yes or no; None where nobody can answer.
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
        f"'{session.title}' is not one of regulab's own sessions. It lies in {session.folder}, digest "
        f"{short(session.digest)}. {MEANS}\nDo you trust it?"
    )


def short(digest: str) -> str:
    """Enough of a digest to compare by eye.

    Example:
        >>> short("0123456789abcdef" * 4)
        '0123 4567 89ab cdef'
    """
    return " ".join(digest[at : at + 4] for at in range(0, 16, 4))
