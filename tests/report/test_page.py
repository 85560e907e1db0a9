from __future__ import annotations

import base64
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from made import made, saved
from regulab.errors import InputError
from regulab.histories.example_losses import ExampleLosses
from regulab.histories.history import Histories, History
from regulab.results import load


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_holds_the_conclusion_the_table_the_findings_and_the_figures(tmp_path) -> None:
    results = made()
    written = results.report(tmp_path / "new folder" / "page.html")
    assert list(written.parent.iterdir()) == [written]
    page = Page(written.read_text(encoding="utf-8"))
    assert "made (synthetic): does the model overfit, and what helps?" in page.text
    for sentence in results.conclusion():
        assert sentence in page.text
    assert "l2 recommended 160,305 2 0.300 0.700 0.310 −0.100 ± 0.003 better" in page.text
    assert "OVERFITTING warning, in all 3 seeds" in page.text
    pictures = [
        attributes["src"].removeprefix("data:image/png;base64,") for tag, attributes in page.elements if tag == "img"
    ]
    assert len(pictures) == 3
    assert all(base64.b64decode(picture).startswith(b"\x89PNG") for picture in pictures)
    # Whoever has the page read out hears the caption once, not twice.
    alternatives = [attributes["alt"] for tag, attributes in page.elements if tag == "img"]
    assert all(words and words not in page.text for words in alternatives)


def test_nothing_is_loaded_from_elsewhere_and_no_script_runs(tmp_path) -> None:
    page = Page(made().report(tmp_path / "page.html").read_text(encoding="utf-8"))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.elements}
    addresses = [attributes[name] for _, attributes in page.elements for name in ("src", "href") if name in attributes]
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    (policy,) = [
        attributes["content"]
        for tag, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_names_and_sources_are_escaped(tmp_path) -> None:
    results = made(variants=("baseline", "l2"))
    results.study["data"] |= {"title": "<script>a</script>", "source": "<img src=x onerror=b>", "name": "&"}
    results.study["variants"][1]["description"] = "</table><b>bold</b>"
    page = Page(results.report(tmp_path / "page.html").read_text(encoding="utf-8"))
    assert not {"script", "b"} & {tag for tag, _ in page.elements}
    assert "<script>a</script>" in page.text
    assert "</table><b>bold</b>" in page.text


def test_a_report_is_saved_in_the_run_folder_and_shows_the_figures_of_the_run(tmp_path) -> None:
    folder = saved(made(), tmp_path / "run")
    (folder / "figures").mkdir()
    (folder / "figures" / "loss.png").write_bytes(b"as the run drew it")
    written = load(folder).report()
    assert written == folder / "report.html"
    assert base64.b64encode(b"as the run drew it").decode() in written.read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_gives_a_clear_error(tmp_path) -> None:
    with pytest.raises(InputError, match=r"Expected a path for the report. Received: none"):
        made().report()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"where the report can be written. Received: .*page.html \("):
        made().report(tmp_path / "file" / "page.html")


def test_the_same_advice_is_given_once(tmp_path) -> None:
    text = Page(made().report(tmp_path / "page.html").read_text(encoding="utf-8")).text
    assert text.count("OVERFITTING warning, in all 3 seeds") == 3
    assert text.count("The model has begun to memorize the training examples.") == 1


@pytest.mark.parametrize(("seeds", "words"), [(1, "warning Validation"), (2, "warning, in both seeds Validation")])
def test_findings_in_one_seed_and_in_both_are_worded_naturally(tmp_path, seeds, words) -> None:
    text = Page(made(seeds=seeds).report(tmp_path / "page.html").read_text(encoding="utf-8")).text
    assert f"OVERFITTING {words}" in text


def diverged(results):
    """The same study as if no loss of it had been a number."""
    losses = dict.fromkeys(("val_data_loss", "train_data_loss"), (float("nan"),) * 4)
    members = tuple(History(member.variant, member.seed, losses) for member in results.histories)
    none = ExampleLosses(np.full(8, np.nan), np.full(8, np.nan))
    return replace(results, histories=Histories(members), losses=dict.fromkeys(results.losses, none))


def test_the_footer_mentions_a_run_folder_and_a_recommended_model_where_they_exist(tmp_path) -> None:
    for results, words in (
        (load(saved(made(), tmp_path / "run")), "trained models: regulab apply RUN --out repaired.keras saves"),
        (load(saved(diverged(made()), tmp_path / "diverged")), "also holds these numbers in plain files."),
        (made(), "has a page for each finding."),
    ):
        text = Page(results.report(tmp_path / "page.html").read_text(encoding="utf-8")).text
        end = text[text.index("The documentation explains how each number is computed") :]
        assert words in end
        assert ("regulab apply" in end) == ("regulab apply" in words)
        assert ("run folder" in end) == (results.folder is not None)
