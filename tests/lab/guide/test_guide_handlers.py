from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError

import pytest

from assistants import KEY, stand
from labs import NUMBERS, start_lab

__all__ = ["stand", "start_lab"]
pytestmark = pytest.mark.slow
POSTS = ["question", "error", "source", "training", "draft", "hint"]
CURVES = {"loss": [0.6, 0.4, 0.3, 0.2, 0.1, 0.08], "val_loss": [0.6, 0.5, 0.55, 0.7, 0.8, 0.9]}


@pytest.fixture(scope="module")
def lab(start_lab, stand):
    options = ("--assistant-url", stand.url, "--assistant-model", "small")
    return start_lab(NUMBERS, *options, REGULAB_ASSISTANT_KEY=KEY)


@pytest.fixture(scope="module")
def alone(start_lab):
    return start_lab(NUMBERS)


def ask(lab, path, body=None, *, token=True):
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{lab.base}/regulab/guide{path}", data=data)
    if token:
        request.add_header("Authorization", f"token {lab.token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize("path", ["", *(f"/{name}" for name in POSTS)])
def test_every_request_needs_the_token(lab, path):
    assert ask(lab, path, {} if path else None, token=False)[0] == 403


def test_a_question_an_error_and_a_source_are_answered(alone):
    status, answer = ask(alone, "/question", {"question": "How do I stop early?"})
    assert (status, answer["answers"][0]["source"]["id"]) == (200, "stop-at-the-best-epoch")
    assert ask(alone, "/question", {"question": "football"}) == (200, {"answers": []})
    _, answer = ask(alone, "/error", {"error": "NameError", "message": "name 'double' is not defined"})
    assert (answer["source"]["id"], answer["made"]["id"]) == ("name-not-made", "double")
    status, answer = ask(alone, "/source", {"kind": "page", "id": "findings/overfitting"})
    assert (status, answer["source"]["title"]) == (200, "OVERFITTING")


def test_a_training_that_overfits_gets_a_remark(alone):
    given = repr(json.dumps([{"training": "a", "running": True, "epochs": 9, "values": CURVES}]))
    status, answer = ask(alone, "/training", {"facts": given})
    assert (status, [remark["code"] for remark in answer["remarks"]]) == (200, ["OVERFITTING"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/question", b"no json", 400),
        ("/question", {"question": 3}, 400),
        ("/question", {"question": " "}, 400),
        ("/error", {"message": "x"}, 400),
        ("/source", {"kind": "page", "id": "../../README"}, 404),
        ("/training", {"facts": "__import__('os')"}, 400),
        ("/draft", {"task": "half"}, 400),
        ("/draft", {"task": "nothing", "question": "Why?"}, 404),
    ],
)
def test_a_malformed_request_is_refused_with_a_message(lab, path, body, status):
    got, answer = ask(lab, path, body)
    assert got == status
    assert answer["message"].endswith(".")


def test_without_an_assistant_requests_for_hints_are_refused(alone):
    assert ask(alone, "")[1]["assistant"] is None
    assert ask(alone, "/draft", {"task": "half", "question": "Why?"})[0] == 404
    assert ask(alone, "/hint", {"task": "half", "question": "Why?"})[0] == 404


def test_nothing_is_sent_without_consent_to_the_exact_text(lab, stand):
    stand.reset()
    assert ask(lab, "")[1]["assistant"] == {"place": stand.url.split("/")[2]}
    request = {"task": "half", "question": "Why a half?"}
    _, draft = ask(lab, "/draft", request)
    assert ask(lab, "/hint", request)[0] == 409
    assert ask(lab, "/hint", request | {"cell": "rate = 3", "agreed": draft["agreed"]})[0] == 409
    assert stand.requests == []
    stand.answer = "Look <b>here</b>: `rate = 0.5`."
    status, hint = ask(lab, "/hint", request | {"agreed": draft["agreed"]})
    assert status == 200
    assert "<b>" not in hint["html"]
    assert len(stand.requests) == 1


def test_a_failing_assistant_is_reported_without_the_key(lab, stand):
    stand.reset()
    stand.status = 401
    request = {"task": "half", "question": "Why?"}
    _, draft = ask(lab, "/draft", request)
    status, answer = ask(lab, "/hint", request | {"agreed": draft["agreed"]})
    assert status == 502
    assert "REGULAB_ASSISTANT_KEY" in answer["message"]
    assert KEY not in json.dumps(answer)


def test_no_log_and_no_file_contains_the_key(lab):
    assert KEY not in lab.log.read_text() + lab.output
    for path in lab.folder.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()
