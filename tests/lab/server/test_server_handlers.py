from __future__ import annotations

import json
import re
import shutil
import urllib.request
from http.cookiejar import CookieJar
from urllib.error import HTTPError

import pytest

from labs import NUMBERS, start_lab
from regulab.lab.kernel.facts import namespace_facts

__all__ = ["start_lab"]
pytestmark = pytest.mark.slow
PATHS = [
    ("GET", "session"),
    ("GET", "progress"),
    ("PUT", "progress"),
    ("POST", "check"),
    ("POST", "reveal"),
    ("DELETE", "notice"),
    ("PUT", "trust"),
    ("GET", "summary"),
]


@pytest.fixture(scope="module")
def lab(start_lab):
    return start_lab(NUMBERS)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to whoever asked."""

    def redirect_request(self, *args):
        return None


def asker(lab):
    """Sends requests to a lab."""

    def send(method, path, body=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{lab.base}/regulab/{path}", data=data, method=method)
        request.add_header("Authorization", f"token {lab.token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read())
        except HTTPError as error:
            return error.code, json.loads(error.read())

    return send


@pytest.fixture
def ask(lab):
    return asker(lab)


def facts(**variables):
    """What a kernel shows of facts: the text as Python writes it."""
    names = ("rate", "double")
    return {name: repr(text) for name, text in namespace_facts(variables, names).items()}


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nobody_gets_anything_without_the_token(lab, method, path):
    data = None if method in ("GET", "DELETE") else b"{}"
    opener = urllib.request.build_opener(NoRedirects())
    with pytest.raises(HTTPError) as refused:
        opener.open(urllib.request.Request(f"{lab.base}/regulab/{path}", data=data, method=method), timeout=30)
    refused.value.close()
    # A page leads to the login.
    assert refused.value.code == (302 if path == "summary" else 403)
    assert path != "summary" or "/login" in refused.value.headers["Location"]


def test_checks_are_off_until_the_session_is_trusted_and_then_at_once(start_lab, lab):
    folder = shutil.copytree(NUMBERS, lab.folder / "theirs")
    (folder / "session.yaml").write_text((folder / "session.yaml").read_text() + "# theirs\n")
    theirs = start_lab(folder, trust=False)
    ask = asker(theirs)
    assert "Its checks are off" in theirs.output
    _, session = ask("GET", "session")
    assert [task["probe"] for task in session["tasks"]] == [{}, {}]
    status, answer = ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})
    assert (status, "trust" in answer["message"]) == (403, True)
    assert ask("PUT", "trust", {"digest": "0" * 64})[0] == 409
    assert ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})[0] == 403
    assert ask("PUT", "trust", {"digest": session["trust"]["digest"]})[0] == 200
    _, session = ask("GET", "session")
    assert session["trust"] is None
    assert list(session["tasks"][0]["probe"]) == ["rate"]
    assert ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})[0] == 200


def test_the_summary_runs_no_script_loads_nothing_and_can_be_saved(lab, ask):
    ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})

    def get(query):
        request = urllib.request.Request(f"{lab.base}/regulab/summary{query}")
        request.add_header("Authorization", f"token {lab.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers, answer.read().decode()

    headers, text = get("")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "passed" in text
    assert 'href="?notebook=numbers.ipynb&amp;save=yes"' in text
    headers, saved = get("?notebook=numbers.ipynb&save=yes")
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''numbers-summary.html"
    assert "Save this page" not in saved
    with pytest.raises(HTTPError) as refused:
        get("?notebook=../../secret.ipynb")
    refused.value.close()
    assert refused.value.code == 404


def test_a_session_may_have_any_name(start_lab, tmp_path):
    theirs = start_lab(shutil.copytree(NUMBERS, tmp_path / "My курс #1"))
    quoted = "My%20%D0%BA%D1%83%D1%80%D1%81%20%231"
    assert theirs.notebook == f"{quoted}.ipynb"
    with urllib.request.urlopen(theirs.page(), timeout=30) as answer:
        assert "regulab-panel" in answer.read().decode()
    request = urllib.request.Request(f"{theirs.base}/regulab/summary?save=yes")
    request.add_header("Authorization", f"token {theirs.token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quoted}-summary.html"


def test_a_page_of_another_site_cannot_use_the_cookie(lab):
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"{lab.base}/tree?token={lab.token}", timeout=30).close()
    body = json.dumps({"task": "half", "facts": {}}).encode()

    def check(**headers):
        return browser.open(
            urllib.request.Request(f"{lab.base}/regulab/check", data=body, headers=headers, method="POST"), timeout=30
        )

    with pytest.raises(HTTPError, match="403"):
        check()
    xsrf = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
    with check(**{"X-XSRFToken": xsrf}) as answer:
        assert answer.status == 200


def test_the_session_comes_without_hints_and_solutions(ask):
    status, session = ask("GET", "session")
    assert status == 200
    assert [task["id"] for task in session["tasks"]] == ["half", "double"]
    assert session["tasks"][0]["hints"] == ["Which number?", "Where?"]
    assert list(session["tasks"][0]["probe"]) == ["rate"]
    assert "divided by 2" not in json.dumps(session)
    assert "2 * rate" not in json.dumps(session)


def test_hints_and_the_solution_are_sent_on_request_and_recorded(ask):
    status, hint = ask("POST", "reveal", {"task": "half", "kind": "hint", "number": 2})
    assert status == 200
    assert "first cell" in hint["html"]
    assert hint["progress"]["tasks"]["half"]["hints"] == 2
    _, solution = ask("POST", "reveal", {"task": "double", "kind": "solution"})
    assert solution["code"] == "double = 2 * rate"
    assert solution["progress"]["tasks"]["double"]["solution"] is True


@pytest.mark.parametrize(
    ("variables", "verdict", "words"),
    [
        ({}, "not attempted", "There is no <code>rate</code>"),
        ({"rate": ...}, "not attempted", "There is no <code>rate</code>"),
        ({"rate": 0.3}, "not yet", "The task asks for a half."),
        ({"rate": "0.5"}, "not yet", "a string"),
        ({"rate": 0.5}, "passed", "is a half"),
    ],
)
def test_a_check_judges_facts(ask, variables, verdict, words):
    status, answer = ask("POST", "check", {"task": "half", "facts": facts(**variables)})
    assert (status, answer["verdict"]) == (200, verdict)
    assert words in answer["html"]
    assert answer["progress"]["tasks"]["half"]["verdict"] == verdict


@pytest.mark.parametrize("given", ["0.5", "'no facts'", "'{\"kind\": 3}'", "__import__('os')", "(" * 5000, None, 3, []])
def test_an_answer_that_is_no_facts_could_not_be_checked(ask, given):
    status, answer = ask("POST", "check", {"task": "half", "facts": {"rate": given}})
    assert (status, answer["verdict"]) == (200, "could not check")


def test_what_a_learner_wrote_is_shown_as_text(ask):
    status, answer = ask("POST", "check", {"task": "half", "facts": facts(rate="<img src=x onerror=alert(1)>")})
    assert status == 200
    assert "<img" not in answer["html"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "check", b"no json", 400),
        ("POST", "check", [], 400),
        ("POST", "check", {"task": "half"}, 400),
        ("POST", "check", {"task": "../half", "facts": {}}, 404),
        ("POST", "check", b" " * 8_000_001, 413),
        ("POST", "reveal", {"task": "half", "kind": "hint", "number": 3}, 404),
        ("POST", "reveal", {"task": "half", "kind": "hint", "number": "1"}, 404),
        ("POST", "reveal", {"task": "half", "kind": "progress"}, 404),
        ("PUT", "progress", {"current": "half"}, 400),
        ("PUT", "progress", {"current": ["half"], "revision": 0}, 404),
    ],
)
def test_a_wrong_request_is_refused_with_a_message(ask, method, path, body, status):
    answered, answer = ask(method, path, body)
    assert answered == status
    assert answer["message"].endswith(".")


def test_a_window_that_missed_a_change_gets_the_current_progress(ask):
    revision = ask("GET", "progress")[1]["progress"]["revision"]
    status, now = ask("PUT", "progress", {"current": "double", "revision": revision})
    assert (status, now["current"]) == (200, "double")
    status, answer = ask("PUT", "progress", {"current": "half", "revision": revision})
    assert status == 409
    assert answer["progress"] == now


def test_a_damaged_progress_file_is_mentioned_until_the_learner_has_read_it(ask, lab):
    ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})
    ask("POST", "check", {"task": "half", "facts": facts(rate=0.5)})
    (lab.folder / ".regulab" / "progress.json").write_text("damaged")
    _, answer = ask("GET", "progress")
    assert answer["progress"]["tasks"]["half"]["done"]
    assert "damaged" in answer["notice"]
    assert ask("DELETE", "notice")[0] == 200
    assert ask("GET", "progress")[1]["notice"] == ""


def test_a_browser_loads_the_panel_again_after_an_upgrade(lab):
    request = urllib.request.Request(
        f"{lab.base}/static/regulab/panel.js", headers={"Authorization": f"token {lab.token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "javascript" in answer.headers["Content-Type"]


def test_the_log_holds_no_token_and_nothing_listens_to_other_machines(lab):
    assert lab.token not in lab.log.read_text()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", lab.base)


def test_a_second_start_finds_the_running_lab_and_leaves_the_notebook_as_it_was(lab, start_lab):
    notebook = lab.folder / lab.notebook
    before = notebook.read_bytes()
    again = start_lab(NUMBERS, "--lab", folder=lab.folder)
    assert "already running" in again.output
    assert (again.base, again.token, again.view) == (lab.base, lab.token, "lab/tree")
    assert again.process.wait(10) == 0
    assert notebook.read_bytes() == before


def test_on_a_busy_port_the_next_free_one_is_used(lab, start_lab):
    port = int(lab.base.rpartition(":")[2])
    other = start_lab(NUMBERS, port=port)
    assert other.base != lab.base


@pytest.mark.parametrize(("path", "status"), [("api", 200), ("api/contents", 403), ("regulab/session", 403)])
def test_what_is_the_learners_own_needs_the_token(lab, path, status):
    try:
        with urllib.request.urlopen(f"{lab.base}/{path}", timeout=30) as response:
            answered = response.status
    except HTTPError as error:
        answered = error.code
        error.close()
    assert answered == status
