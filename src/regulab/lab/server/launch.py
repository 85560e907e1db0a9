"""Starts Jupyter with the panel of a guided session, in the learner's folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from regulab.atomic import replacing
from regulab.errors import InputError, require
from regulab.lab.authoring.loading import load
from regulab.lab.authoring.records import Session
from regulab.lab.guide.assistant import Assistant
from regulab.lab.server.trust import Trust, settle
from regulab.lab.user_dirs import work_folder

PANEL = Path(__file__).parents[1] / "panel"
PORT = 8888


@dataclass(frozen=True)
class Workplace:
    """The folder that a learner works in.

    Attributes:
        folder: The folder.
        notebook: Name of the session's notebook in it.
        new: Whether the notebook was created just now.
    """

    folder: Path
    notebook: str
    new: bool

    def address(self, *, lab: bool) -> str:
        """Path at which Jupyter shows the notebook, in JupyterLab or in Notebook."""
        return f"{'/lab/tree' if lab else '/notebooks'}/{quote(self.notebook)}"


def prepare(session: Session, folder: Path) -> Workplace:
    """Write the session's notebook into a folder, unless it is there: a learner's work is never replaced.

    Args:
        session: The session.
        folder: Where to work; created if it does not exist.

    Raises:
        InputError: If the folder cannot be written.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    from regulab.lab.authoring.notebooks import starter_notebook

    path = folder / f"{session.name}.ipynb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        if new:
            notebook = starter_notebook(session)
            with replacing(path) as draft:
                nbformat.write(notebook, draft)
            # Without a signature, Jupyter shows the notebook as not trusted.
            notary = NotebookNotary()
            notary.sign(notebook)
            notary.store.close()
    except OSError as error:
        raise InputError(f"Expected a folder to work in. Received: {folder} ({error.strerror}).") from None
    return Workplace(folder.resolve(), path.name, new)


def launch(
    name: str,
    *,
    folder: Path | None = None,
    lab: bool = False,
    port: int = PORT,
    browser: bool = True,
    trust: bool = False,
    ask: Callable[[str], bool] | None = None,
    assistant: Assistant | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Start Jupyter on a session, and return when it is stopped.

    Args:
        name: Name, folder or .zip file of the session.
        folder: Where to work; `~/regulab/NAME` by default.
        lab: Whether to show JupyterLab instead of Notebook.
        port: The port to try first; 0 for any that is free.
        browser: Whether to open a browser.
        trust: Whether the user has said that they trust the session.
        ask: Asks the user whether they trust a session that is not regulab's own. Without it, and without trust, its
            checks are off until the user trusts it in the panel.
        assistant: The language model that may be asked for hints; none by default. The server takes its key from the
            environment.
        say: Prints a message for the user.

    Raises:
        InputError: If the session or the folder cannot be used, or no port is free.
        MissingDependencyError: If the extra `lab` is not installed.
    """
    for module in ("jupyter_server", "notebook", "jupyterlab", "ipykernel"):
        require(module, extra="lab", purpose="regulab lab")
    session = load(name)
    trusted = settle(session, Trust(), give=trust, ask=ask)
    workplace = prepare(session, folder if folder is not None else work_folder(session.name))
    say(f"{session.title}: {workplace.folder / workplace.notebook} ({'new' if workplace.new else 'as you left it'})")
    if not trusted:
        say("Its checks are off until you say that you trust it: in the panel, or with --trust.")
    running = _running(workplace.folder)
    if running:
        url = _with_token(running["url"].rstrip("/") + workplace.address(lab=lab), running["token"])
        say(f"It is already running{', with the assistant that it was started with' if assistant else ''}: {url}")
        if browser:
            _open(url, workplace.folder)
        return
    server = _server(session, workplace, lab=lab, port=port, browser=browser, assistant=assistant)
    url = server.connection_url.rstrip("/") + workplace.address(lab=lab)
    # Printed by the running server, once the page can be opened.
    server.io_loop.add_callback(say, f"Open {_with_token(url, server.identity_provider.token)}\nStop it with Ctrl-C.")
    server.start()


def _server(
    session: Session, workplace: Workplace, *, lab: bool, port: int, browser: bool, assistant: Assistant | None
) -> Any:
    """A server that listens already, and answers once it is started."""
    from jupyterlab.labapp import LabApp
    from notebook.app import JupyterNotebookApp

    # Kernels inherit it; TensorFlow's remarks on the machine are not part of the lesson.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    settings = _settings(session, workplace, lab=lab, port=port, browser=browser)
    if assistant is not None:
        settings.RegulabLab.assistant_url, settings.RegulabLab.assistant_model = assistant.url, assistant.model
    try:
        return (LabApp if lab else JupyterNotebookApp).initialize_server(argv=[], config=settings)
    except SystemExit:
        raise InputError(f"No free port near {port}. Choose another one with --port, or --port 0 for any.") from None


def _settings(session: Session, workplace: Workplace, *, lab: bool, port: int, browser: bool) -> Any:
    from traitlets.config import Config

    address = workplace.address(lab=lab)
    return Config(
        {
            # `say` prints what a learner needs.
            "Application": {"log_level": "ERROR"},
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": port,
                "port_retries": 50,
                "root_dir": str(workplace.folder),
                "open_browser": browser,
                # Root is common in containers, and the server listens on this machine only.
                "allow_root": True,
                "jpserver_extensions": {"regulab.lab.server": True},
                "kernel_spec_manager_class": "regulab.lab.server.LabKernelSpecs",
            },
            # Sockets in a folder of the user's own, which nobody else on a shared machine can read.
            "KernelManager": {"transport": "ipc" if _sockets_fit() else "tcp"},
            # Jupyter would write a token that it generates itself to its log.
            "IdentityProvider": {"token": secrets.token_hex(24)},
            "LabServerApp": {
                "extra_labextensions_path": [str(PANEL)],
                "app_settings_dir": str(PANEL / "settings"),
            },
            "LabApp": {"default_url": address},
            "JupyterNotebookApp": {"default_url": address},
            "RegulabLab": {"session": str(session.folder), "folder": str(workplace.folder)},
        }
    )


def _sockets_fit() -> bool:
    """Whether the system has sockets in files, and their paths fit into about a hundred characters."""
    from jupyter_core.paths import jupyter_runtime_dir

    name = "kernel-01234567-0123-0123-0123-0123456789ab-ipc-1"
    return os.name == "posix" and len(os.fsencode(jupyter_runtime_dir())) + len(name) < 100


def _running(folder: Path) -> dict[str, Any] | None:
    """A server that was started earlier, works in this folder and still answers."""
    from urllib.error import URLError
    from urllib.request import ProxyHandler, Request, build_opener

    from jupyter_server.serverapp import list_running_servers

    direct = build_opener(ProxyHandler({}))
    for server in list_running_servers():
        if Path(str(server.get("root_dir", ""))) != folder or not server.get("token"):
            continue
        url = f"{server['url'].rstrip('/')}/regulab/progress"
        request = Request(url, headers={"Authorization": f"token {server['token']}"})
        try:
            with direct.open(request, timeout=3):
                return dict(server)
        except (URLError, OSError, ValueError):
            continue
    return None


def _open(url: str, folder: Path) -> None:
    """Open a browser through a file that only the user can read, since others can see a program's arguments."""
    import webbrowser
    from html import escape

    page = folder / ".regulab" / "open.html"
    page.parent.mkdir(exist_ok=True)
    page.touch(mode=0o600)
    page.write_text(f'<meta http-equiv="refresh" content="0; url={escape(url)}">\n', encoding="utf-8")
    webbrowser.open(page.as_uri())


def _with_token(url: str, token: str) -> str:
    return f"{url}?token={token}"
