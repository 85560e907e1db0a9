"""The Jinja2 environment that renders every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from regulab.pages import content_policy

_PAGES = Path(__file__).parent


def page_environment(
    templates: Path,
    *,
    filters: Mapping[str, Callable[..., str]] | None = None,
    html_filters: Mapping[str, Callable[..., str]] | None = None,
) -> Environment:
    """An environment for pages that extend `base.html`.

    Every value is escaped, except what an HTML filter returns. A name that a template uses and nobody passed is an
    error, not a gap on the page.

    Args:
        templates: The folder of the pages' templates and CSS files.
        filters: Filters that return text, by name.
        html_filters: Filters that return HTML that is safe to show, by name.

    Example:
        >>> environment = page_environment(Path(), html_filters={"bold": lambda text: f"<b>{len(text)}</b>"})
        >>> environment.from_string("<p>{{ name }} {{ name | bold }}</p>").render(name="A & B")
        '<p>A &amp; B <b>5</b></p>'
    """
    environment = Environment(
        loader=FileSystemLoader([templates, _PAGES / "templates", _PAGES / "css"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["content_policy"] = content_policy
    environment.filters.update(filters or {})
    environment.filters.update({name: _as_html(function) for name, function in (html_filters or {}).items()})
    return environment


def _as_html(function: Callable[..., str]) -> Callable[..., Markup]:
    return lambda *values, **options: Markup(function(*values, **options))
