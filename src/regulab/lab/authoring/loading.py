"""Finds and reads a guided session by its name or path."""

from __future__ import annotations

from pathlib import Path

from regulab.errors import InputError, require
from regulab.lab.authoring.records import BUILT_IN, SESSION, Session


def names() -> tuple[str, ...]:
    """Names of the sessions that come with regulab.

    Example:
        >>> names()
        ('avoid-overfitting',)
    """
    return tuple(sorted(path.parent.name for path in BUILT_IN.glob(f"*/{SESSION}")))


def locate(name: str | Path) -> Path:
    """The folder of a session, given as the name of one of regulab's own or as a path; an archive is unpacked.

    Raises:
        InputError: If there is none.
    """
    if isinstance(name, str) and name in names():
        return BUILT_IN / name
    folder = Path(name)
    if folder.name == SESSION:
        folder = folder.parent
    elif folder.suffix.lower() == ".zip" and folder.is_file():
        from regulab.lab.authoring.archives import unpack

        folder = unpack(folder)
    if not (folder / SESSION).is_file():
        raise InputError(
            f"Expected a session: a folder with a {SESSION}, a .zip of one, or one of {', '.join(names())}. "
            f"Received: {name}. `regulab session new FOLDER` creates one."
        )
    return folder.resolve()


def load(name: str | Path) -> Session:
    """Read a session, and check that its parts fit together.

    Args:
        name: Name of one of regulab's own sessions, or path of a folder or an archive.

    Raises:
        InputError: For any mistake of its author, with file and line.
        MissingDependencyError: If the extra `lab` is not installed.

    Example:
        >>> session = load("avoid-overfitting")
        >>> session.title, session.tasks[0].id
        ('Avoid overfitting', 'interface')
    """
    for module in ("yaml", "markdown_it"):
        require(module, extra="lab", purpose="A guided session")
    from regulab.lab.authoring.reading import read_session

    return read_session(locate(name))
