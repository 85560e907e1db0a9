"""The summary as one page: no scripts, nothing loaded from elsewhere, the plots inside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from regulab.lab.authoring.markdown import render
from regulab.lab.learner.summary import Image, Summary
from regulab.pages.environment import page_environment


def page(summary: Summary, *, when: str, save: str = "") -> str:
    """The whole page as HTML.

    Args:
        summary: What there is to show.
        when: The date, as the page shows it.
        save: Address that serves the page as a file; empty where the page is that file.
    """
    return _environment().get_template("summary.html").render(summary=summary, when=when, save=save)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = page_environment(
        Path(__file__).parent / "templates",
        filters={"minutes": minutes, "counted": counted},
        html_filters={"markdown": render},
    )
    environment.tests["image"] = lambda output: isinstance(output, Image)
    return environment


def minutes(seconds: float) -> str:
    """A time in words.

    Example:
        >>> minutes(0.0), minutes(20.0), minutes(130.0)
        ('–', '< 1 min', '2 min')
    """
    if not seconds:
        return "–"
    return "< 1 min" if seconds < 60 else f"{round(seconds / 60)} min"


def counted(number: int, noun: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "hint"), counted(2, "hint")
        ('1 hint', '2 hints')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
