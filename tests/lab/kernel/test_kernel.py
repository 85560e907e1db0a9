"""The lab's kernel as Jupyter sees it, and what it loads; fails if ipykernel changes what the kernel builds on."""

from __future__ import annotations

import json
import subprocess
import sys
from ast import literal_eval

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from kernels import Kernel, kernel
from regulab.lab.grading.probes import TRAININGS, facts_probes
from regulab.lab.kernel.kernel import FEATURE
from regulab.lab.server.kernel_specs import LabKernelSpecs

__all__ = ["kernel"]


@pytest.mark.slow
def test_the_kernel_says_that_it_answers_the_panel_and_keeps_what_ipykernel_says(kernel: Kernel) -> None:
    info = kernel.reply(kernel.client.kernel_info())
    assert FEATURE in info["supported_features"]
    assert {"kernel subshells", "debugger"} & set(info["supported_features"])
    assert info["implementation"] == "ipython"


@pytest.mark.slow
def test_the_probes_are_answered_and_load_nothing_of_the_server(kernel: Kernel) -> None:
    kernel.run("rate = 0.5")
    answers = kernel.ask(
        **facts_probes(["rate"]),
        trainings=TRAININGS.replace("{known}", "[]"),
        modules="sorted(__import__('sys').modules)",
        wrong="1 / 0",
    )
    assert json.loads(literal_eval(answers["rate"]))["value"] == 0.5
    assert answers["trainings"] == "'[]'"
    assert answers["wrong"] is None
    modules = literal_eval(answers["modules"])
    loaded = {name for name in modules if name.startswith("regulab.lab.")}
    assert {"regulab.lab.kernel.kernel", "regulab.lab.kernel.facts", "regulab.lab.kernel.streams"} <= loaded
    assert {name for name in loaded if not name.startswith("regulab.lab.kernel")} == set()
    assert [name for name in modules if name.startswith("jupyter_server")] == []


def modules_after(statement: str) -> list[str]:
    """The modules that a new Python has loaded after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_the_learners_data_loads_nothing_of_the_server() -> None:
    modules = modules_after("import regulab.lab.data")
    assert [name for name in modules if name.startswith(("jupyter_server", "regulab.lab.server"))] == []


def test_the_server_loads_nothing_of_the_kernel() -> None:
    modules = modules_after("import regulab.lab.server.extension")
    assert "regulab.lab.server.handlers.check" in modules
    assert [name for name in modules if name.startswith(("regulab.lab.kernel.", "ipykernel"))] == []


@pytest.mark.parametrize(
    ("argv", "ours"),
    [
        (["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], True),
        ([sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], True),
        (["/elsewhere/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], False),
        (["R", "--slave", "-e", "IRkernel::main()"], False),
    ],
)
def test_kernels_that_can_import_this_regulab_start_as_its_own(
    argv: list[str], ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: KernelSpec(argv=argv))
    options = LabKernelSpecs().get_kernel_spec("any").argv[len(argv) :]
    assert any("kernel_class=regulab.lab.kernel.kernel.RegulabKernel" in option for option in options) is ours
    assert bool(options) is ours


def test_the_classes_that_the_kernel_options_name_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    from traitlets.utils.importstring import import_item

    spec = KernelSpec(argv=["python", "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: spec)
    options = LabKernelSpecs().get_kernel_spec("any").argv[3:]
    assert len(options) == 2
    for option in options:
        assert isinstance(import_item(option.partition("=")[2]), type)
