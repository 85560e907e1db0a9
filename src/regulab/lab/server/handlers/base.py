"""What all handlers share: JSON in, JSON out, and work in a thread so that the server stays responsive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin

from regulab.errors import RegulabError
from regulab.lab.authoring.records import Session, Task
from regulab.lab.grading.judging import LONGEST_FACTS
from regulab.lab.learner.progress import StaleError
from regulab.lab.learner.progress_file import ProgressFile
from regulab.lab.server.trust import Trust

#: Bytes of the largest request: the facts of all variables of a check, with JSON's escapes.
LARGEST = 4 * LONGEST_FACTS


class RefusedError(Exception):
    """A request that cannot be answered, with an HTTP status and a message for the learner."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        self.status, self.document = status, {"message": message, **more}
        super().__init__(message)


class Handler(ExtensionHandlerMixin, APIHandler):
    """Knows the session and the progress, reads a request, and answers it in JSON."""

    @property
    def session_(self) -> Session:
        """The guided session."""
        session: Session = self.settings["regulab_session"]
        return session

    @property
    def file(self) -> ProgressFile:
        """The learner's progress."""
        file: ProgressFile = self.settings["regulab_progress"]
        return file

    @property
    def trusted(self) -> bool:
        """Whether checks of this session may run. Looked up each time: trust can be given while the server runs."""
        trust: Trust = self.settings["regulab_trust"]
        return trust.given(self.session_)

    def body(self) -> dict[str, Any]:
        """The request's JSON object."""
        if len(self.request.body) > LARGEST:
            raise RefusedError(413, f"Expected at most {LARGEST:,} bytes. Received: {len(self.request.body):,}.")
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise RefusedError(400, "Expected a JSON object.")
        return body

    def task(self, body: Mapping[str, Any]) -> Task:
        """The task that a request names."""
        for task in self.session_.tasks:
            if task.id == body.get("task"):
                return task
        raise RefusedError(404, "This session has no such task. Reload the page.")

    async def answer(self, work: Callable[[], dict[str, Any]]) -> None:
        """Do some work in another thread and send its result, or say why not."""
        await self.reply(asyncio.to_thread(work), seconds=self.settings["regulab_seconds"])

    async def reply(self, result: Awaitable[dict[str, Any]], *, seconds: float) -> None:
        """Wait for a result and send it, or say why not."""
        try:
            document = await asyncio.wait_for(result, seconds)
        except RefusedError as refused:
            self.set_status(refused.status)
            document = refused.document
        except StaleError as error:
            self.set_status(409)
            document = {"message": str(error), "progress": error.latest.document()}
        except RegulabError as error:
            self.set_status(500)
            document = {"message": str(error)}
        except TimeoutError:
            self.set_status(503)
            document = {"message": f"This took longer than {seconds:.0f} seconds, so the server gave up. Try again."}
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(document))
