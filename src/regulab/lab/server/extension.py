"""The Jupyter server extension: the session, the progress and the checks, for the panel alongside the notebook.

It never runs what a learner wrote. The panel asks the learner's kernel for facts and sends them here, where they are
judged, as text and within bounds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from traitlets import Bool, Float, Unicode, default

from regulab.lab.authoring.loading import load
from regulab.lab.guide.assistant import KEY, Assistant
from regulab.lab.guide.guide import Guide
from regulab.lab.learner.progress_file import ProgressFile
from regulab.lab.server.handlers import HANDLERS
from regulab.lab.server.launch import prepare
from regulab.lab.server.trust import Trust


class RegulabLab(ExtensionApp):
    """Serves one guided session under /regulab/."""

    name = "regulab"
    load_other_extensions = True

    session = Unicode("avoid-overfitting", config=True, help="Name of the session, or its folder or .zip file.")
    folder = Unicode("", config=True, help="Folder for the learner's work; the server's root folder by default.")
    trusted = Bool(False, config=True, help="Whether you vouch for the session, so that learners are not asked.")
    seconds = Float(10.0, config=True, help="Seconds that a check may take.")
    assistant_url = Unicode(
        "",
        config=True,
        help="Base URL of an OpenAI-compatible language model that learners may ask for hints; none by default. "
        f"Its key is read from the environment variable {KEY}.",
    )
    assistant_model = Unicode("", config=True, help="Name of the language model.")
    assistant_seconds = Float(30.0, config=True, help="Seconds that the assistant may take to answer.")

    @default("static_paths")
    def _panel(self) -> list[str]:
        # Served at /static/regulab/, where browsers check for a newer version; extensions are cached for a year.
        return [str(Path(__file__).parents[1] / "panel" / "static")]

    def initialize_settings(self) -> None:
        """Read the session once, and find the learner's notebook and progress, or create them."""
        assert self.serverapp is not None
        work = Path(self.folder or self.serverapp.root_dir)
        session = load(self.session)
        prepare(session, work)
        self.settings["regulab_session"] = session
        self.settings["regulab_progress"] = ProgressFile(work / ".regulab", session.name)
        self.settings["regulab_trust"] = Trust(vouched=self.trusted)
        self.settings["regulab_seconds"] = self.seconds
        self.settings["regulab_guide"] = Guide(session)
        # Removed from the environment, which the learner's kernels inherit.
        key = os.environ.pop(KEY, "")
        self.settings["regulab_assistant"] = (
            Assistant(self.assistant_url, self.assistant_model, key, self.assistant_seconds)
            if self.assistant_url
            else None
        )

    def initialize_handlers(self) -> None:
        """Register the handlers at the paths that the panel requests."""
        # Jupyter prepends the server's base URL.
        self.handlers.extend((url_path_join("/regulab", name), handler) for name, handler in HANDLERS.items())


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "regulab.lab.server.extension", "app": RegulabLab}]
