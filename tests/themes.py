"""Jupyter's themes in tests, and what axe-core finds wrong in the panel."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from labs import Lab


@pytest.fixture
def darken() -> Iterator[Callable[[Lab], None]]:
    """Chooses Jupyter's dark theme in a lab; the light one comes back after the test."""

    def choose(lab: Lab, theme: str) -> None:
        raw = json.dumps({"raw": json.dumps({"theme": theme, "adaptive-theme": False})}).encode()
        request = urllib.request.Request(
            f"{lab.base}/lab/api/settings/@jupyterlab/apputils-extension:themes",
            data=raw,
            method="PUT",
            headers={"Authorization": f"token {lab.token}"},
        )
        urllib.request.urlopen(request, timeout=30).close()

    darkened: list[Lab] = []

    def darken_(lab: Lab) -> None:
        darkened.append(lab)
        choose(lab, "JupyterLab Dark")

    yield darken_
    for lab in darkened:
        choose(lab, "JupyterLab Light")
