"""A report in a browser: readable in light and dark, in a narrow window, and by everyone."""

from __future__ import annotations

import pytest

from made import BEST, made

LONG = "l2 and dropout on every hidden layer, and half the width of the model as it was given"
FITS = "[...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth)"


@pytest.fixture
def opened(browser, tmp_path, monkeypatch):
    """Opens a report on a variant with a long name, in a window of some width."""
    monkeypatch.setitem(BEST, LONG, 0.3)
    file = made(variants=("baseline", LONG)).report(tmp_path / "report.html")
    contexts = []

    def open_(width):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}))
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()


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


def test_paper_holds_the_whole_table(opened) -> None:
    # A4 without margins of 15 mm.
    page = opened(680)
    page.emulate_media(media="print")
    assert page.evaluate(FITS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_a_long_name_leaves_room_for_the_numbers(opened) -> None:
    assert opened(1280).evaluate(FITS)


def test_in_a_narrow_window_the_name_stays_beside_the_numbers(opened) -> None:
    page = opened(360)
    table = page.get_by_role("region", name="Variants", exact=True)
    table.evaluate("each => each.scrollTo(each.scrollWidth, 0)")
    assert table.get_by_text("not detectable").or_(table.get_by_text("better")).bounding_box()["x"] < 360
    name = table.get_by_text(LONG).bounding_box()
    assert 0 <= name["x"] < name["x"] + name["width"] < 180


def test_what_a_variant_is_can_be_read_in_a_narrow_window(opened) -> None:
    assert opened(360).locator(".words").first.bounding_box()["width"] >= 200
