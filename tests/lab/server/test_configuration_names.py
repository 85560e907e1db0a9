"""The names that notebooks and Jupyter configuration files hold, which outlive the modules behind them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import regulab.lab.server
from regulab.lab.server.extension import RegulabLab
from regulab.lab.server.kernel_specs import LabKernelSpecs
from regulab.lab.server.launch import PANEL


def test_the_package_is_the_server_extension() -> None:
    from jupyter_server.extension.manager import ExtensionManager

    manager = ExtensionManager()
    assert manager.add_extension("regulab.lab.server", enabled=True)
    assert [type(point.app) for point in manager.extension_points.values()] == [RegulabLab]


def test_the_documented_names_are_there() -> None:
    assert regulab.lab.server.LabKernelSpecs is LabKernelSpecs
    assert regulab.lab.server.PANEL == PANEL
    with pytest.raises(AttributeError, match="no attribute 'PANELS'"):
        regulab.lab.server.PANELS  # noqa: B018


def test_importing_the_package_loads_nothing_of_jupyter() -> None:
    code = "import regulab.lab.server, sys; sys.exit(bool({'jupyter_server', 'traitlets'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_names_of_earlier_versions_still_work() -> None:
    from regulab.lab.kernels import QuietKernels
    from regulab.lab.launch import PANEL as EARLIER_PANEL

    assert QuietKernels is LabKernelSpecs
    assert EARLIER_PANEL == PANEL


def test_a_notebook_of_an_earlier_version_finds_its_data() -> None:
    from regulab.lab.data import reviews_at_hand, word_ids

    data = reviews_at_hand(train=4, validation=2, test=2, words=10)
    assert len(word_ids(data.train)) == 4
