"""A report in a browser: readable in light and dark, in a narrow window, and by everyone."""

from __future__ import annotations

import pytest

from made import made


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_a_report_has_no_fault_and_nothing_is_cut_off(browser, faults, tmp_path, scheme, width) -> None:
    file = made().report(tmp_path / "report.html")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    problems: list[str] = []
    try:
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.goto(file.as_uri())
        assert page.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 100)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # The policy of the page lets no script in, and axe-core is one.
        assert problems == []
    finally:
        context.close()
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        assert faults(page, None) == []
    finally:
        context.close()
