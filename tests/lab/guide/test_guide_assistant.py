from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistants import KEY, stand
from regulab.errors import InputError
from regulab.lab.authoring.loading import load
from regulab.lab.guide.assistant import MAX_ANSWER, Assistant, AssistantError, without_solution

__all__ = ["stand"]


@pytest.fixture(scope="module")
def task():
    return next(task for task in load("avoid-overfitting").tasks if task.id == "data")


@pytest.fixture
def assistant(stand):
    stand.reset()
    return Assistant(stand.url, "small", KEY, seconds=1.0)


def ask(assistant, task, draft=None):
    """The answer, waited for in a thread of its own: this one may hold the event loop of a browser's tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, assistant.ask(draft or assistant.draft(task, "Why?"), task)).result()


def test_a_hint_comes_back_for_a_draft(assistant, stand, task):
    draft = assistant.draft(task, "How do I begin?")
    assert ask(assistant, task, draft) == "Look at the *first* cell."
    [(path, headers, body)] = stand.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == json.loads(draft.body)
    assert body["model"] == "small"


def test_the_draft_shows_everything_that_is_sent_and_no_solution(assistant, task):
    draft = assistant.draft(task, "Why?", error="ValueError: odd", cell="x_train = 3")
    for message in json.loads(draft.body)["messages"]:
        assert message["content"] in draft.document()["text"]
    for part in ("Why?", "ValueError: odd", "x_train = 3", "multi-hot"):
        assert part in draft.body
    for line in task.solution.code.splitlines():
        if len(line) > 20 and line not in task.starter:
            assert line.strip() not in draft.body
    assert KEY not in draft.body
    assert draft.document()["agreed"] != assistant.draft(task, "Why not?").agreed


def test_a_draft_has_only_the_question_and_the_task_unless_more_is_agreed_to(assistant, task):
    assert "The error:" not in assistant.draft(task, "Why?").body
    assert "cell:" not in assistant.draft(task, "Why?").body


def test_what_is_sent_is_bounded(assistant, task):
    draft = assistant.draft(task, "q" * 100_000, error="e" * 100_000, cell="c" * 100_000)
    assert len(draft.body) < 12_000


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "does not accept the key"),
        (404, "no model 'small'"),
        (429, "Wait a little"),
        (500, "status 500"),
        (302, "302"),
    ],
)
def test_a_refusal_says_what_to_do(assistant, stand, task, status, words):
    stand.status = status
    with pytest.raises(AssistantError, match=words) as caught:
        ask(assistant, task)
    assert KEY not in str(caught.value)


def test_a_slow_answer_is_given_up(assistant, stand, task):
    stand.delay = 2.0
    with pytest.raises(AssistantError, match="within 1 seconds"):
        ask(assistant, task)


def test_an_answer_that_is_too_long_or_has_no_hint_is_refused(assistant, stand, task):
    for body, words in ((b"x" * (MAX_ANSWER + 1), "too long"), (b"no json", "OpenAI"), (b'{"choices": []}', "OpenAI")):
        stand.body = body
        with pytest.raises(AssistantError, match=words):
            ask(assistant, task)


def test_an_assistant_that_cannot_be_reached_is_reported(task):
    assistant = Assistant("http://127.0.0.1:9/v1", "small", seconds=1.0)
    with pytest.raises(AssistantError, match="cannot be reached"):
        ask(assistant, task)


def test_the_solution_is_removed_from_an_answer(task):
    answer = "Try this:\n\n```python\nrows = 3\nfor row in rows:\n    row[1] = 1\n```\n\n"
    answer += "Or `y_train = train_labels.reshape( -1,1 )` now."
    kept = without_solution(answer, task)
    assert "row[1]" not in kept
    assert "reshape" not in kept
    assert kept.startswith("Try this:")
    assert kept.count("left out") == 2
    assert (
        without_solution("Use `np.zeros`.\n\n```python\nrow[ids]\n```", task)
        == "Use `np.zeros`.\n\n```python\nrow[ids]\n```"
    )
    assert len(without_solution("word " * 10_000, task)) <= 4_000


def test_repr_does_not_show_the_key():
    assert KEY not in repr(Assistant("http://localhost:1/v1", "small", KEY))


@pytest.mark.parametrize(
    ("url", "model", "words"),
    [
        ("localhost:11434", "m", "Expected an assistant's address"),
        ("http://[::1", "m", "Expected an assistant's address"),
        ("http://localhost:abc/v1", "m", "Expected an assistant's address"),
        ("http://me:secret@exa\u2100mple.org/v1", "m", "Expected an assistant's address"),
        ("https://me:secret@example.org/v1", "m", "the key belongs in REGULAB_ASSISTANT_KEY"),
        ("http://example.org/v1", "m", "Expected https"),
        ("https://example.org/v1", "", "The assistant needs the name of a model"),
    ],
)
def test_an_unusable_address_is_refused(url, model, words):
    with pytest.raises(InputError) as caught:
        Assistant(url, model)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
