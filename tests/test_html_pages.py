from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from regulab.pages.content_policy import TEXT_ONLY, WITH_IMAGES
from regulab.pages.environment import page_environment

PAGE = """{% extends "base.html" %}
{% block title %}{{ name }}{% endblock %}
{% block kind %}kind{% endblock %}
{% block heading %}{{ name }}{% endblock %}
{% block main %}{{ name | shout }}{% endblock %}
{% block footer %}end{% endblock %}
"""


@pytest.fixture
def render(tmp_path):
    def render_(template: str, **values: str) -> str:
        (tmp_path / "page.html").write_text(template)
        environment = page_environment(
            tmp_path, filters={"shout": str.upper}, html_filters={"bold": lambda text: f"<b>{text}</b>"}
        )
        return environment.get_template("page.html").render(**values)

    return render_


def test_a_page_is_a_whole_document_with_its_css_and_content_policy(render) -> None:
    html = render(PAGE, name="title")
    assert html.startswith("<!doctype html>\n")
    assert "<h1>title</h1>" in html
    assert "max-width: 46rem" in html
    assert f'content="{TEXT_ONLY}"'.replace("'", "&#39;") in html


def test_values_are_escaped_whatever_filter_they_go_through(render) -> None:
    html = render(PAGE, name="<script>")
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2
    assert "&lt;SCRIPT&gt;" in html


def test_what_an_html_filter_returns_is_not_escaped(render) -> None:
    assert "<b>x</b>" in render(PAGE.replace("shout", "bold"), name="x")


def test_a_value_that_nobody_passed_is_an_error(render) -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render(PAGE)


def test_no_policy_lets_a_script_run() -> None:
    for policy in (TEXT_ONLY, WITH_IMAGES):
        assert policy.startswith("default-src 'none'; ")
        assert "script-src" not in policy
