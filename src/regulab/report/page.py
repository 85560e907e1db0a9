"""A report as one page of HTML."""

from __future__ import annotations

from pathlib import Path

from regulab.pages.environment import page_environment
from regulab.report.contents import Report
from regulab.report.wording import in_seeds


def page(report: Report) -> str:
    """The whole page as HTML, with the figures inside it."""
    environment = page_environment(Path(__file__).parent / "templates", filters={"in_seeds": in_seeds})
    return environment.get_template("report.html").render(report=report)
