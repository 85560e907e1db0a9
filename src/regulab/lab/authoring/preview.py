"""A session's instructions as one static page: no kernel, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.records import Part, Session
from regulab.pages.environment import page_environment


def page(session: Session) -> str:
    """The whole page as HTML.

    Hints, answers and solutions are folded away in `<details>`; in print, hints and solutions stay folded.

    Example:
        >>> from regulab.lab.authoring.loading import load
        >>> "<script" in page(load("avoid-overfitting"))
        False
    """
    return _environment().get_template("preview.html").render(session=session)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return page_environment(
        Path(__file__).parent / "templates", filters={"kind": _kind}, html_filters={"markdown": render}
    )


def _kind(part: Part) -> str:
    """The name of the macro that lays out a part."""
    return type(part).__name__
