"""The extension of the Jupyter server: it serves the panel and judges facts, and never runs what a learner wrote.

May import: Jupyter's server and, of the lab, everything but `regulab.lab.kernel`, whose modules it only names.

These names are for Jupyter's configuration files, and are loaded when they are first used:

- `regulab.lab.server` itself, in `ServerApp.jpserver_extensions`
- `regulab.lab.server.LabKernelSpecs`, for `ServerApp.kernel_spec_manager_class`
- `regulab.lab.server.PANEL`, the folder for `LabServerApp.extra_labextensions_path`
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "LabKernelSpecs": "regulab.lab.server.kernel_specs",
    "PANEL": "regulab.lab.server.launch",
    "_jupyter_server_extension_points": "regulab.lab.server.extension",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
