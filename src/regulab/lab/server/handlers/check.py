"""Checks: the panel asks the learner's kernel for facts, and they are judged here, as text."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

from tornado import web

from regulab.lab.grading.judging import LONGEST_FACTS
from regulab.lab.learner.progress import Progress
from regulab.lab.server.handlers.base import Handler, RefusedError
from regulab.lab.server.panel_data import checked


class CheckHandler(Handler):
    """Judges facts from the learner's kernel."""

    @web.authenticated
    async def post(self) -> None:
        """Judge the facts, record the verdict in the progress, and send the message."""

        def work() -> dict[str, Any]:
            body = self.body()
            task = self.task(body)
            if not self.trusted:
                raise RefusedError(403, "Checks are off until you confirm in the panel that you trust this session.")
            facts = body.get("facts")
            if not isinstance(facts, dict):
                raise RefusedError(400, "Expected `facts`, an object with a text for each variable.")
            texts = {str(name): as_text(shown) for name, shown in facts.items()}
            verdict, html, message = checked(self.session_, task, texts)
            record = partial(Progress.checked, task=task.id, verdict=verdict, message=message)
            return {"verdict": verdict, "html": html, "progress": self.file.change(record).document()}

        await self.answer(work)


def as_text(shown: Any) -> str | None:
    """The text whose repr a kernel has shown; None if it is no such repr.

    Example:
        >>> as_text("'{}'"), as_text("3"), as_text(None)
        ('{}', None, None)
    """
    if not isinstance(shown, str) or len(shown) > LONGEST_FACTS or shown[:1] not in ("'", '"'):
        return None
    try:
        text = ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return text if isinstance(text, str) else None
