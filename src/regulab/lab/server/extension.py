"""The Jupyter server extension: the session, the progress and the checks, for the panel beside the notebook.

It never runs what a learner wrote. The panel asks the learner's kernel for facts, as any cell could, and sends them
here; here they are judged, as text, within bounds.
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

    session = Unicode("avoid-overfitting", config=True, help="Name or folder of the session.")
    folder = Unicode("", config=True, help="Folder of the learner's work; the server's own folder by default.")
    trusted = Bool(False, config=True, help="Whether whoever sets up this server vouches for the session's checks.")
    seconds = Float(10.0, config=True, help="The longest that a check may take.")
    assistant_url = Unicode(
        "",
        config=True,
        help="Base address of an OpenAI-compatible assistant that learners may ask for hints; none by default. "
        f"Its key is taken from the environment variable {KEY}.",
    )
    assistant_model = Unicode("", config=True, help="Name of the assistant's model.")
    assistant_seconds = Float(30.0, config=True, help="The longest that the assistant may take to answer.")

    @default("static_paths")
    def _panel(self) -> list[str]:
        # At /static/regulab/, where Jupyter has browsers ask again after an upgrade; extensions they keep for a year.
        return [str(Path(__file__).parents[1] / "panel" / "static")]

    def initialize_settings(self) -> None:
        """Read the session once, and find the learner's notebook and progress; whoever has none yet gets them."""
        assert self.serverapp is not None
        work = Path(self.folder or self.serverapp.root_dir)
        found = load(self.session)
        prepare(found, work)
        self.settings["regulab_session"] = found
        self.settings["regulab_progress"] = ProgressFile(work / ".regulab", found.name)
        self.settings["regulab_trust"] = Trust(vouched=self.trusted)
        self.settings["regulab_seconds"] = self.seconds
        self.settings["regulab_guide"] = Guide(found)
        # Taken out of the environment, which the learner's kernels inherit.
        key = os.environ.pop(KEY, "")
        self.settings["regulab_assistant"] = (
            Assistant(self.assistant_url, self.assistant_model, key, self.assistant_seconds)
            if self.assistant_url
            else None
        )

    def initialize_handlers(self) -> None:
        """Put the handlers where the panel looks for them."""
        # Routes are relative to the server's base URL, which Jupyter puts before them.
        self.handlers.extend((url_path_join("/regulab", name), handler) for name, handler in HANDLERS.items())


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "regulab.lab.server.extension", "app": RegulabLab}]
