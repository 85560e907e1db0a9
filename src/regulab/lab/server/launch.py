"""Starts Jupyter with the panel of a guided session, in a folder of the learner's."""

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
    """A folder to learn in.

    Attributes:
        folder: The folder.
        notebook: Name of the session's notebook in it.
        begun: Whether the notebook was written just now.
    """

    folder: Path
    notebook: str
    begun: bool

    def address(self, *, lab: bool) -> str:
        """Where Jupyter shows the notebook: in JupyterLab, or in Notebook."""
        return f"{'/lab/tree' if lab else '/notebooks'}/{quote(self.notebook)}"


def prepare(session: Session, folder: Path) -> Workplace:
    """Write the session's notebook into a folder, unless there is one: what a learner wrote is never replaced.

    Args:
        session: The session.
        folder: Where to work; made if it does not exist.

    Raises:
        InputError: If the folder cannot be written.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    from regulab.lab.authoring.notebooks import starter_notebook

    path = folder / f"{session.name}.ipynb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        begun = not path.exists()
        if begun:
            notebook = starter_notebook(session)
            with replacing(path) as draft:
                nbformat.write(notebook, draft)
            # Signed, as otherwise Jupyter says that it does not trust it.
            notary = NotebookNotary()
            notary.sign(notebook)
            notary.store.close()
    except OSError as error:
        raise InputError(f"Expected a folder to work in. Received: {folder} ({error.strerror}).") from None
    return Workplace(folder.resolve(), path.name, begun)


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
    """Start Jupyter on a session, and stay until it is stopped.

    Args:
        name: Name or folder of the session.
        folder: Where to work; `~/regulab/NAME` by default.
        lab: Whether to show JupyterLab instead of Notebook.
        port: The port to try first; 0 for any that is free.
        browser: Whether to open a browser.
        trust: Whether the user trusts the session already.
        ask: Asks the user for trust in a session that is not regulab's own; without it, and without trust, its checks
            are off until the user gives it in the panel.
        assistant: Who may be asked for hints; nobody by default. Its key goes to the server in the environment.
        say: Tells the user something.

    Raises:
        InputError: If the session or the folder cannot be used, or no port is free.
        MissingDependencyError: If the extra `lab` is not installed.
    """
    for module in ("jupyter_server", "notebook", "jupyterlab", "ipykernel"):
        require(module, extra="lab", purpose="regulab lab")
    session = load(name)
    trusted = settle(session, Trust(), give=trust, ask=ask)
    place = prepare(session, folder if folder is not None else work_folder(session.name))
    say(f"{session.title}: {place.folder / place.notebook} ({'new' if place.begun else 'as you left it'})")
    if not trusted:
        say("Its checks are off, because you have not said that you trust it. You can in the panel, or with --trust.")
    running = _running(place.folder)
    if running:
        url = _with_token(running["url"].rstrip("/") + place.address(lab=lab), running["token"])
        say(f"It is running already{', with the assistant of its start' if assistant else ''}: {url}")
        if browser:
            _open(url, place.folder)
        return
    server = _server(session, place, lab=lab, port=port, browser=browser, assistant=assistant)
    url = server.connection_url.rstrip("/") + place.address(lab=lab)
    # Said by the running server, when the page can be opened.
    server.io_loop.add_callback(say, f"Open {_with_token(url, server.identity_provider.token)}\nStop it with Ctrl-C.")
    server.start()


def _server(
    session: Session, place: Workplace, *, lab: bool, port: int, browser: bool, assistant: Assistant | None
) -> Any:
    """A server that listens, and does not yet answer."""
    from jupyterlab.labapp import LabApp
    from notebook.app import JupyterNotebookApp

    # Kernels inherit it; TensorFlow's remarks on the machine are no part of the lesson.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    settings = _settings(session, place, lab=lab, port=port, browser=browser)
    if assistant is not None:
        settings.RegulabLab.assistant_url, settings.RegulabLab.assistant_model = assistant.url, assistant.model
    try:
        return (LabApp if lab else JupyterNotebookApp).initialize_server(argv=[], config=settings)
    except SystemExit:
        raise InputError(
            f"Expected a free port near {port}. Received: none. Give another one with --port, or 0 for any."
        ) from None


def _settings(session: Session, place: Workplace, *, lab: bool, port: int, browser: bool) -> Any:
    from traitlets.config import Config

    address = place.address(lab=lab)
    return Config(
        {
            # What a learner needs is said by `say`.
            "Application": {"log_level": "ERROR"},
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": port,
                "port_retries": 50,
                "root_dir": str(place.folder),
                "open_browser": browser,
                # Root in a container is common, and this listens on this machine only.
                "allow_root": True,
                "jpserver_extensions": {"regulab.lab.server": True},
                "kernel_spec_manager_class": "regulab.lab.server.LabKernelSpecs",
            },
            # Sockets in a folder of the user's own: nobody else on a shared machine reads along.
            "KernelManager": {"transport": "ipc" if _sockets_fit() else "tcp"},
            # Not a generated one of Jupyter's own: that would be written to its log.
            "IdentityProvider": {"token": secrets.token_hex(24)},
            "LabServerApp": {
                "extra_labextensions_path": [str(PANEL)],
                "app_settings_dir": str(PANEL / "settings"),
            },
            "LabApp": {"default_url": address},
            "JupyterNotebookApp": {"default_url": address},
            "RegulabLab": {"session": str(session.folder), "folder": str(place.folder)},
        }
    )


def _sockets_fit() -> bool:
    """Whether the system has sockets in files, whose paths may have no more than about a hundred characters."""
    from jupyter_core.paths import jupyter_runtime_dir

    name = "kernel-01234567-0123-0123-0123-0123456789ab-ipc-1"
    return os.name == "posix" and len(os.fsencode(jupyter_runtime_dir())) + len(name) < 100


def _running(folder: Path) -> dict[str, Any] | None:
    """A server of an earlier start that works in this folder and still answers."""
    from urllib.error import URLError
    from urllib.request import ProxyHandler, Request, build_opener

    from jupyter_server.serverapp import list_running_servers

    direct = build_opener(ProxyHandler({}))
    for found in list_running_servers():
        if Path(str(found.get("root_dir", ""))) != folder or not found.get("token"):
            continue
        url = f"{found['url'].rstrip('/')}/regulab/progress"
        request = Request(url, headers={"Authorization": f"token {found['token']}"})
        try:
            with direct.open(request, timeout=3):
                return dict(found)
        except (URLError, OSError, ValueError):
            continue
    return None


def _open(url: str, folder: Path) -> None:
    """Open a browser by way of a page that only the user can read: others can see what programs are started with."""
    import webbrowser
    from html import escape

    page = folder / ".regulab" / "open.html"
    page.parent.mkdir(exist_ok=True)
    page.touch(mode=0o600)
    page.write_text(f'<meta http-equiv="refresh" content="0; url={escape(url)}">\n', encoding="utf-8")
    webbrowser.open(page.as_uri())


def _with_token(url: str, token: str) -> str:
    return f"{url}?token={token}"
