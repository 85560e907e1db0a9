"""What regulab raises when it cannot go on, each with one message that says what to do."""

from __future__ import annotations

from regulab.printable import printable_lines


class RegulabError(Exception):
    """Base of every error that regulab raises on purpose; the command line prints it and exits with 2.

    Messages quote names and paths from files, so they leave out what a terminal would obey.
    """

    def __str__(self) -> str:
        return printable_lines(super().__str__())


class InputError(RegulabError, ValueError):
    """Something that was passed in cannot be used: data, a model, an option or a file."""


class NotApplicableError(InputError):
    """A variant has nothing to act on in this model, for example `width` on a subclassed model."""


class StorageError(RegulabError, OSError):
    """A run cannot be saved: the disk is full or fails, or its folder was deleted. What was saved before is kept."""


class MissingDependencyError(RegulabError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""


def require(module: str, *, extra: str, purpose: str) -> None:
    """Raise a helpful error unless `module` can be imported.

    Args:
        module: Import name, such as `"sklearn"`.
        extra: The extra of regulab that installs it.
        purpose: What needs it, as the subject of a sentence.

    Raises:
        MissingDependencyError: If the module is not installed.

    Example:
        >>> require("json", extra="none", purpose="this example")
    """
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingDependencyError(f"{purpose} needs {module}. Install it with: pip install 'regulab[{extra}]'")
