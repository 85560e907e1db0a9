"""A report as one page of HTML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from regulab.pages.environment import page_environment
from regulab.report.contents import Report
from regulab.report.wording import in_seeds


def page(report: Report) -> str:
    """The whole page as HTML, with the figures inside it."""
    return _environment().get_template("report.html").render(report=report)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return page_environment(Path(__file__).parent / "templates", filters={"in_seeds": in_seeds})
