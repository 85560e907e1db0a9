from __future__ import annotations

import time

import pytest

from regulab.lab.authoring.loading import load
from regulab.lab.guide.guide import Guide
from regulab.lab.guide.pages import pages, readable
from regulab.lab.guide.passages import sections
from regulab.lab.guide.search import Index

QUESTIONS = [
    ("Why does the validation loss go up?", "validation-loss-rises"),
    ("What shape must the labels have?", "labels-one-column"),
    ("how do i stop early", "stop-at-the-best-epoch"),
    ("Why is L2's loss higher?", "loss-with-penalty"),
    ("Which dropout rate should I use?", "which-strength"),
    ("different results every time", "results-differ"),
    ("What does DIVERGED mean?", "findings/diverged"),
    ("explain overconfident", "findings/overconfident"),
    ("what is an epoch", "glossary"),
    ("What is multi-hot encoding?", "data"),
    ("dropout at test time", "dropout"),
    ("How do I read TensorBoard logs?", "diagnose"),
    ("which variants are there", "variants"),
    ("ModuleNotFoundError", "no-such-module"),
    ("regularisaton strenght of L2", "which-strength"),
]
STRANGE = [
    "What is the capital of France?",
    "best pasta recipe",
    "Write me a poem about the sea",
    "Who won the football match?",
    "how does the weather look today",
    "hello",
    "???",
    "",
]


@pytest.fixture(scope="module")
def guide():
    return Guide(load("avoid-overfitting"))


@pytest.mark.parametrize(("question", "wanted"), QUESTIONS)
def test_a_question_finds_what_answers_it(guide, question, wanted):
    assert wanted in [passage.source.id for passage in guide.answers(question)]


@pytest.mark.parametrize("question", STRANGE)
def test_a_question_about_something_else_finds_nothing(guide, question):
    assert guide.answer(question) == {"answers": []}


def test_an_answer_takes_a_fraction_of_a_second(guide):
    guide.answer("warm")
    for question, _ in QUESTIONS:
        begun = time.process_time()
        guide.answer(question)
        assert time.process_time() - begun < 0.1


def test_a_very_long_question_is_answered_as_fast(guide):
    begun = time.process_time()
    guide.answer("overfitting qzxv " * 20_000)
    assert time.process_time() - begun < 0.1


def test_hints_and_solutions_are_in_no_answer(guide):
    known = "\n".join(passage.markdown for passage in guide.passages if passage.source.kind == "task")
    for task in guide.session.tasks:
        assert task.solution is not None
        for secret in (task.solution.markdown, *(hint.markdown for hint in task.hints)):
            assert secret not in known
    assert "-(-5_000 // 128)" not in known


def test_answers_come_from_three_sources_and_each_can_be_opened(guide):
    found = guide.answer("Why does the validation loss go up?")["answers"]
    sources = [(each["source"]["kind"], each["source"]["id"]) for each in found]
    assert len(set(sources)) == 3
    for kind, name in sources:
        assert kind == "task" or guide.opened(kind, name)["html"].startswith("<")
    assert guide.opened("page", "../README") is None
    assert guide.opened("entry", "nothing") is None


def test_a_page_opens_without_marks_of_sphinx(guide):
    for name, page in pages().items():
        html = guide.opened("page", name)["html"]
        assert "{doc}" not in html, name
        assert "toctree" not in html, name
        assert "&lt;!--" not in html, name
        assert page.title in html


def test_every_finding_has_its_page_in_the_guide():
    assert {"findings/overfitting", "findings/not-a-number", "glossary", "tutorial"} <= pages().keys()
    assert "sessions" not in pages()


def test_a_heading_in_code_is_no_section():
    text = "# Title\n\n```python\n# a comment\n```\n\n## Next\n\nEnd.\n"
    assert [heading for heading, _ in sections(text)] == ["Title", "Next"]


def test_roles_in_code_stay_as_they_are():
    assert "{doc}`x`" in readable("```text\n{doc}`x`\n```\n")


def test_a_rare_word_decides_between_texts():
    index = Index([("A", "loss loss loss of dropout"), ("B", "loss with momentum"), ("C", "loss")])
    assert [hit.place for hit in index.search("loss momentum")] == [1]


def test_a_word_in_the_title_counts_for_more():
    index = Index([("Other", "about dropout and more"), ("Dropout", "about it and more")])
    assert [hit.place for hit in index.search("dropout")] == [1, 0]


def test_a_guide_without_texts_answers_nothing():
    assert Index([]).search("anything") == []
