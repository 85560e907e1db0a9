"""What the panel shows, as plain values with sanitized HTML: the session, hints, solutions and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.records import Part, Quiz, Session, Task, Text
from regulab.lab.grading.judging import judge
from regulab.lab.grading.rules import Message
from regulab.lab.grading.verdicts import Verdict, combined
from regulab.lab.grading.wording import message_for
from regulab.lab.server.trust import MEANS, short


def page(session: Session, *, trusted: bool) -> dict[str, Any]:
    """The session for the panel, without hints and solutions; with the checks' probes only if it is trusted."""
    return {
        "title": session.title,
        "tasks": [_task(session, task, trusted=trusted) for task in session.tasks],
        "trust": None if trusted else {"digest": session.digest, "short": short(session.digest), "means": MEANS},
    }


def _task(session: Session, task: Task, *, trusted: bool) -> dict[str, Any]:
    checks = [session.checks[name] for name in task.checks if trusted]
    return {
        "id": task.id,
        "title": task.title,
        "minutes": task.minutes,
        "parts": [values for part in task.parts if (values := _part(part)) is not None],
        "hints": [hint.title for hint in task.hints],
        "solution": task.solution is not None,
        "starter": task.starter,
        "probe": {name: code for check in checks for name, code in check.probes().items()},
    }


def _part(part: Part) -> dict[str, Any] | None:
    """A part that is shown at once; None for one that is shown elsewhere, or on request."""
    match part:
        case Text():
            return {"kind": "text", "html": render(part.markdown)}
        case Quiz():
            answers = [
                {"html": render(answer.text, inline=True), "right": answer.right, "because": render(answer.because)}
                for answer in part.answers
            ]
            return {"kind": "quiz", "html": render(part.question), "answers": answers}
    return None


def revealed(task: Task, kind: str, number: int) -> dict[str, Any]:
    """One hint, or the solution with its code."""
    if kind == "hint":
        hint = task.hints[number - 1]
        return {"title": hint.title, "html": render(hint.markdown), "code": ""}
    assert task.solution is not None
    return {"title": "Solution", "html": render(task.solution.markdown), "code": task.solution.code}


def checked(session: Session, task: Task, texts: Mapping[str, str | None]) -> tuple[Verdict, str, str]:
    """What the checks of a task say about facts.

    Args:
        session: The session.
        task: The task.
        texts: JSON text by variable, as the kernel gave it.

    Returns:
        The verdict, and the messages of the checks that have not passed (or of all, where all have) twice: as HTML for
        the panel, and in one line of Markdown for the progress.
    """
    judgements = [judge(session.checks[name], texts) for name in task.checks]
    open_ = [judgement for judgement in judgements if not judgement.passed] or judgements
    messages = [message_for(judgement) for judgement in open_]
    verdict = combined([judgement.verdict for judgement in judgements])
    return verdict, "".join(map(_html, messages)), " ".join(map(str, messages))


def _html(message: Message) -> str:
    return "".join(render(text) for text in (message.seen, message.why, message.next) if text)
