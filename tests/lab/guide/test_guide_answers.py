from __future__ import annotations

import sqlite3
import time

import pytest

from regulab.errors import MissingDependencyError
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
# What else a learner may type, and what answers it.
ALSO_ASKED = [
    ("my network memorizes the training reviews, what can I do", ["validation-loss-rises", "sizes", "overfitting"]),
    ("why is dropout off during evaluation", ["dropout", "dropout-in-curve", "validation-below-training"]),
    ("how many neurons should my hidden layer have", ["sizes", "baseline"]),
    ("what is a batch", ["interface"]),
    ("val_loss goes up but val_accuracy stays", ["accuracy-or-loss", "findings/overconfident"]),
    ("how to plot history", ["plot-history"]),
    ("KeyError: 'val_loss'", ["metric-not-recorded"]),
    ("NameError x_train not defined", ["name-not-made"]),
    ("what activation for the output", ["output-units", "softmax-one-unit", "baseline"]),
    ("whats weight decay", ["penalties", "which-strength"]),
    ("Can I use the test set for choosing epochs", ["test-data-for-validation", "baseline"]),
    ("why three seeds", ["fair", "results-differ"]),
    ("what is early stoping", ["stop-at-the-best-epoch"]),
    ("training is too slow", ["training-takes-long"]),
    ("what is inverted dropout", ["dropout"]),
    ("validation loss lower than training loss why", ["validation-below-training"]),
    ("ValueError target and output must have same rank", ["labels-one-column"]),
    ("loss nan", ["loss-is-nan"]),
    ("is my model underfitting?", ["overfitting", "findings/underfitting"]),
    ("what is capacity", ["sizes", "glossary"]),
    ("how do I start the playground", ["playground", "fair"]),
    ("what does no detectable difference mean", ["fair", "comparing"]),
    ("where is the best epoch", ["curves", "overfitting", "stop-at-the-best-epoch", "glossary"]),
    ("kernel restart", ["kernel-and-cells"]),
    ("reshape labels", ["labels-one-column", "data"]),
    ("How strong should the l2 penality be", ["which-strength"]),
]
UNRELATED = [
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


@pytest.mark.parametrize(("question", "sources"), ALSO_ASKED)
def test_a_question_in_a_learners_words_finds_one_of_its_answers(guide, question, sources):
    assert {passage.source.id for passage in guide.answers(question)} & set(sources)


@pytest.mark.parametrize("question", UNRELATED)
def test_a_question_about_something_else_finds_nothing(guide, question):
    assert guide.answer(question) == {"answers": []}


def test_an_answer_takes_a_fraction_of_a_second(guide):
    guide.answer("warm")
    for question, _ in QUESTIONS:
        start = time.process_time()
        guide.answer(question)
        assert time.process_time() - start < 0.1


def test_a_very_long_question_is_answered_as_fast(guide):
    start = time.process_time()
    guide.answer("overfitting qzxv " * 20_000)
    assert time.process_time() - start < 0.1


def test_no_answer_contains_a_hint_or_a_solution(guide):
    known = "\n".join(passage.markdown for passage in guide.passages if passage.source.kind == "task")
    for task in guide.session.tasks:
        assert task.solution is not None
        for secret in (task.solution.markdown, *(hint.markdown for hint in task.hints)):
            assert secret not in known
    assert "-(-5_000 // 128)" not in known


def test_answers_come_from_three_sources_and_each_can_be_opened(guide):
    answers = guide.answer("Why does the validation loss go up?")["answers"]
    sources = [(answer["source"]["kind"], answer["source"]["id"]) for answer in answers]
    assert len(set(sources)) == 3
    for kind, name in sources:
        assert kind == "task" or guide.opened(kind, name)["html"].startswith("<")
    assert guide.opened("page", "../README") is None
    assert guide.opened("entry", "nothing") is None


def test_a_page_opens_without_markup_of_sphinx(guide):
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
    assert [hit.index for hit in index.search("loss momentum")] == [1]


def test_a_word_in_the_title_counts_for_more():
    index = Index([("Other", "about dropout and more"), ("Dropout", "about it and more")])
    assert [hit.index for hit in index.search("dropout")] == [1, 0]


def test_a_guide_without_texts_answers_nothing():
    assert Index([]).search("anything") == []


def test_a_python_without_full_text_search_is_named_as_the_reason(monkeypatch):
    class WithoutFts5:
        def execute(self, *_):
            raise sqlite3.OperationalError("no such module: fts5")

        def close(self):
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: WithoutFts5())
    with pytest.raises(MissingDependencyError, match=r"needs SQLite's full-text search, FTS5.*no such module: fts5"):
        Index([("Title", "Body")])


@pytest.mark.parametrize(
    ("question", "text"),
    [("optimiser", "optimizers"), ("val_loss", "validation losses"), ("EarlyStopping", "stop early")],
)
def test_forms_and_spellings_of_a_word_and_names_in_code_find_each_other(question, text):
    assert [hit.index for hit in Index([("", text), ("", "other words")]).search(question)] == [0]


def test_a_question_cannot_bring_syntax_of_the_search():
    index = Index([("", "loss"), ("", "more")])
    assert [hit.index for hit in index.search("loss\" OR title:* NEAR(x, 3) -- '; DROP")] == []
    assert [hit.index for hit in index.search('"loss"*')] == [0]
