"""The summary of a session, as a page of its own in the browser."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import quote, urlencode

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from jupyter_server.utils import ensure_async
from tornado import web

from regulab.lab.learner.summary import summarize
from regulab.lab.learner.summary_page import page
from regulab.pages.content_policy import WITH_IMAGES


class SummaryHandler(ExtensionHandlerMixin, JupyterHandler):
    """Shows the summary in the browser, or sends it as a file."""

    @property
    def content_security_policy(self) -> str:
        """Stricter than Jupyter's own: the page needs nothing but itself."""
        return f"{WITH_IMAGES}; frame-ancestors 'none'"

    @web.authenticated
    async def get(self) -> None:
        """Make the page from the notebook as it is saved; Jupyter finds it as it does every file."""
        session = self.settings["regulab_session"]
        path = self.get_query_argument("notebook", f"{session.name}.ipynb")
        notebook = await ensure_async(self.contents_manager.get(path, content=True, type="notebook"))

        def work() -> str:
            progress = self.settings["regulab_progress"].load()
            summary = summarize(session, progress, notebook["content"])
            when = time.strftime("%Y-%m-%d %H:%M")
            return page(summary, when=when, save="" if as_file else f"?{urlencode(asked)}")

        as_file = self.get_query_argument("save", "") == "yes"
        asked = {"notebook": path, "save": "yes"}
        document = await asyncio.wait_for(asyncio.to_thread(work), self.settings["regulab_seconds"])
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if as_file:
            # Headers are ASCII, and a session may be called anything.
            name = quote(f"{session.name}-summary.html", safe="")
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.finish(document)
