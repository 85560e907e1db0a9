"""The guide's requests: a question, an error, a source to read, a training to judge, and a hint from the assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from tornado import web

from regulab.errors import MissingDependencyError
from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.records import Task
from regulab.lab.grading.probes import TRAININGS
from regulab.lab.guide.assistant import Assistant, AssistantError, Draft
from regulab.lab.guide.guide import Guide
from regulab.lab.guide.search import LONGEST
from regulab.lab.guide.watching import NoFactsError, watched
from regulab.lab.server.handlers.base import Handler, RefusedError
from regulab.lab.server.handlers.check import as_text

#: Longest message of an error: Keras's own hold a whole traceback.
MESSAGE = 100_000


class GuideHandler(Handler):
    """What the guide's requests share."""

    @property
    def guide(self) -> Guide:
        """The guide to this session."""
        guide: Guide = self.settings["regulab_guide"]
        return guide

    @property
    def assistant(self) -> Assistant | None:
        """The assistant, if one is configured."""
        assistant: Assistant | None = self.settings["regulab_assistant"]
        return assistant


class AboutHandler(GuideHandler):
    """What the panel needs before its first request."""

    @web.authenticated
    async def get(self) -> None:
        """Send what to ask the kernel about trainings, and whether there is an assistant."""

        def work() -> dict[str, Any]:
            # Reads the texts, so that the first question is answered as fast as any other. Without a search, the answer
            # to a question says so, and errors are explained all the same.
            with suppress(MissingDependencyError):
                self.guide.answers("")
            assistant = None if self.assistant is None else {"place": self.assistant.host}
            return {"probe": TRAININGS, "assistant": assistant}

        await self.answer(work)


class QuestionHandler(GuideHandler):
    """Answers a question."""

    @web.authenticated
    async def post(self) -> None:
        """Send the passages that answer it, each with its source."""

        def work() -> dict[str, Any]:
            return self.guide.answer(text_of(self.body(), "question", LONGEST))

        await self.answer(work)


class ErrorHandler(GuideHandler):
    """Explains an error."""

    @web.authenticated
    async def post(self) -> None:
        """Send the entry of the catalogue that matches it."""

        def work() -> dict[str, Any]:
            body = self.body()
            return self.guide.explain(text_of(body, "error", 200), text_of(body, "message", MESSAGE, empty=True))

        await self.answer(work)


class SourceHandler(GuideHandler):
    """Opens a page of the documentation or an entry of the catalogue."""

    @web.authenticated
    async def post(self) -> None:
        """Send all of it."""

        def work() -> dict[str, Any]:
            body = self.body()
            source = self.guide.opened(text_of(body, "kind", 20), text_of(body, "id", 200))
            if source is None:
                raise RefusedError(404, "The guide has no such page or entry. Ask again.")
            return source

        await self.answer(work)


class TrainingHandler(GuideHandler):
    """Judges trainings by facts from the learner's kernel."""

    @web.authenticated
    async def post(self) -> None:
        """Send the remarks about them."""

        def work() -> dict[str, Any]:
            try:
                return watched(as_text(self.body().get("facts")) or "")
            except NoFactsError:
                raise RefusedError(400, "Expected `facts` about trainings, as the kernel gives them.") from None

        await self.answer(work)


class DraftHandler(GuideHandler):
    """Shows what the assistant would be sent."""

    @web.authenticated
    async def post(self) -> None:
        """Return the draft to the panel; nothing goes to the assistant."""

        def work() -> dict[str, Any]:
            return self.drafted(self.body())[1].document()

        await self.answer(work)

    def drafted(self, body: Mapping[str, Any]) -> tuple[Task, Draft]:
        """The draft that a request describes."""
        if self.assistant is None:
            raise RefusedError(404, "No assistant is configured here.")
        task = self.task(body)
        question = text_of(body, "question", LONGEST)
        error, cell = (text_of(body, name, MESSAGE, empty=True) for name in ("error", "cell"))
        return task, self.assistant.draft(task, question, error=error, cell=cell)


class HintHandler(DraftHandler):
    """Asks the assistant what the learner has agreed to ask."""

    @web.authenticated
    async def post(self) -> None:
        """Send the draft that the learner agreed to, and return the hint."""
        await self.reply(self.hint(), seconds=self.settings["regulab_seconds"] + self.limit())

    def limit(self) -> float:
        """How long the assistant may take."""
        return 0.0 if self.assistant is None else self.assistant.seconds

    async def hint(self) -> dict[str, Any]:
        """Send the draft, and render the answer."""
        task, draft = await asyncio.to_thread(self.agreed)
        assert self.assistant is not None
        try:
            return {"html": render(await self.assistant.ask(draft, task)), "place": draft.host}
        except AssistantError as error:
            raise RefusedError(502, str(error)) from None

    def agreed(self) -> tuple[Task, Draft]:
        """The draft, if it is the very one that the learner has seen."""
        body = self.body()
        task, draft = self.drafted(body)
        if body.get("agreed") != draft.agreed:
            raise RefusedError(409, "This is not the text that you agreed to send. Please read it again.")
        return task, draft


def text_of(body: Mapping[str, Any], key: str, longest: int, *, empty: bool = False) -> str:
    """A text in a request, cut off if it is too long."""
    text = body.get(key, "" if empty else None)
    if not isinstance(text, str) or not (empty or text.strip()):
        raise RefusedError(400, f"Expected `{key}`, a text.")
    return text[:longest]
