"""A report as one page of HTML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from regulab.atomic import replacing
from regulab.errors import InputError
from regulab.pages.environment import page_environment
from regulab.report.contents import Report
from regulab.report.wording import in_seeds


def page(report: Report) -> str:
    """The whole page as HTML, with the figures inside it."""
    return _environment().get_template("report.html").render(report=report)


def write_page(report: Report, path: Path) -> Path:
    """Write the page to a file, whole or not at all, and return its path.

    Raises:
        InputError: If the file cannot be written.
    """
    html = page(report)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(html, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"Expected a place where the report can be written. Received: {path} ({error.strerror})."
        ) from None
    return path


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return page_environment(Path(__file__).parent / "templates", filters={"in_seeds": in_seeds})
