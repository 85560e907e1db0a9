"""Figures on disk: replaced as a whole, and the same bytes for the same figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What Matplotlib would write of itself and of the clock, by format.
_VARYING: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Creator": None, "Date": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure, replacing the file as a whole, so that no reader meets half of it.

    Args:
        figure: What to write.
        path: Where; the suffix chooses the format: `.png`, `.svg` or `.pdf`. Its folder must exist.

    Raises:
        InputError: If the suffix is another.
        OSError: If the folder is missing or cannot be written to.
    """
    import matplotlib

    path = Path(path)
    kind = path.suffix.removeprefix(".").lower()
    if kind not in _VARYING:
        raise InputError(f"Expected a path that ends in .png, .svg or .pdf. Received: '{path.name}'.")
    with replacing(path) as draft, style.context(), matplotlib.rc_context({"svg.hashsalt": "regulab"}):
        figure.savefig(draft, format=kind, dpi=style.DPI, metadata=_VARYING[kind])
    return path
