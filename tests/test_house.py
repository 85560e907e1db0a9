from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = ("run", "dev")

# Put together from parts, so that this file does not name what it looks for.
REGISTRIES = [f"{name}.{end}" for name, end in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")]]
MACHINE_PATHS = re.compile(r"(?<![\w.~/-])/(?:" + "|".join(["work", "root", "tmp/w", "opt/pypi"]) + r")(?![\w-])")
BUILT = {"_build", "build", "dist", "runs", "node_modules", "__pycache__"}


def texts(*places: str) -> Iterator[tuple[str, str]]:
    """Name and text of every text file of the project in some of its files and folders."""
    for location in places:
        files = [ROOT / location] if (ROOT / location).is_file() else sorted((ROOT / location).rglob("*"))
        for file in files:
            name = file.relative_to(ROOT)
            if not file.is_file() or BUILT.intersection(name.parts) or name.parent.name.endswith(".egg-info"):
                continue
            try:
                yield str(name), file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def pins(which: str) -> dict[str, str]:
    """Version of every pinned package in a requirement file."""
    text = (ROOT / "requirements" / f"{which}.txt").read_text()
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.M)}


def declared(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with some of its extras."""
    optional = PROJECT["project"]["optional-dependencies"]
    texts_ = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in optional[extra])]
    return [Requirement(text) for text in texts_]


PLACES = (
    "src",
    "tests",
    "docs",
    "benchmarks",
    "requirements",
    ".ci",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)


def test_nothing_names_a_package_registry_or_a_path_of_one_machine() -> None:
    offenders = [
        f"{name}: {match}"
        for name, text in texts(*PLACES)
        for match in [*(host for host in REGISTRIES if host in text), *MACHINE_PATHS.findall(text)]
    ]
    assert offenders == []


def test_the_search_for_machine_paths_finds_them_and_spares_others() -> None:
    assert MACHINE_PATHS.search("read '" + "/" + "work/data.npz'")
    assert MACHINE_PATHS.search("cd " + "/" + "root")
    assert not MACHINE_PATHS.search("runs/work/data, ./work, /workshop, https://example.org/root")


@pytest.mark.parametrize("which", [*PINS, "pins"])
def test_requirement_files_hold_pins_with_hashes_and_no_address(which: str) -> None:
    text = (ROOT / "requirements" / f"{which}.txt").read_text()
    assert "://" not in text
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+( ;.*)? \\$", line)] == []
    assert len(re.findall(r"^\S.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.M)) == len(lines)


def test_the_pins_cover_what_pyproject_asks_for() -> None:
    wanted = {
        "run": declared("cpu", "kernels", "digits"),
        "dev": declared("cpu", "kernels", "digits", "frames", "dev"),
    }
    for which, requirements in wanted.items():
        pinned = pins(which)
        for requirement in requirements:
            if canonicalize_name(requirement.name) == "regulab":
                continue
            version = pinned.get(canonicalize_name(requirement.name))
            assert version, f"requirements/{which}.txt has no {requirement.name}; run `make pins`"
            assert version in requirement.specifier, f"requirements/{which}.txt: {requirement}; run `make pins`"


def test_the_pins_bring_what_builds_regulab() -> None:
    for text in PROJECT["build-system"]["requires"]:
        requirement = Requirement(text)
        for which in PINS:
            assert pins(which)[canonicalize_name(requirement.name)] in requirement.specifier


def test_both_sets_of_pins_agree() -> None:
    run, dev = pins("run"), pins("dev")
    assert {name: dev.get(name) for name in run} == run


def test_every_package_that_regulab_imports_is_declared() -> None:
    brought_by = {"markdown_it": "markdown-it-py", "sklearn": "scikit-learn", "yaml": "pyyaml"}
    wanted = declared("cpu", "kernels", "digits", "frames", "lab", "tensorboard")
    names = {canonicalize_name(requirement.name) for requirement in wanted}
    undeclared = set()
    for name, text in texts("src"):
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(text)):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for top in {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"regulab"}:
                if canonicalize_name(brought_by.get(top, top)) not in names:
                    undeclared.add(f"{name}: {top}")
    assert undeclared == set()


def test_the_import_contract_names_every_package_that_has_to_do_without_keras() -> None:
    contract = next(entry for entry in PROJECT["tool"]["importlinter"]["contracts"] if entry["id"] == "no-keras")
    existing = {
        f"regulab.{name}"
        for name in ("histories", "diagnosis", "comparison", "figures", "pages", "report")
        if (ROOT / "src/regulab" / name).is_dir()
    }
    assert existing == set(contract["source_modules"])


def imported_by(statement: str) -> set[str]:
    """The heavy packages that a new interpreter has loaded after a statement."""
    heavy = {"jinja2", "tensorflow", "keras", "matplotlib", "pandas", "sklearn"}
    code = f"import sys\n{statement}\nprint(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_regulab_loads_nothing_heavy() -> None:
    assert imported_by("import regulab") == set()


def test_reading_histories_and_findings_loads_nothing_heavy() -> None:
    assert imported_by("import regulab.histories, regulab.diagnosis") == set()


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert re.search(r"^## \[Unreleased\]$", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_tests_cannot_reach_another_machine() -> None:
    # Were the guard broken, this address would still be refused by the system without a packet sent.
    with (
        socket.socket() as connection,
        pytest.raises(Exception, match="Expected tests to stay on this machine") as caught,
    ):
        connection.connect(("255.255.255.255", 80))
    assert type(caught.value).__name__ == "NetworkUsedError"
    with pytest.raises(Exception, match="Expected tests to stay on this machine"):
        socket.create_connection(("host.invalid", 80))


def test_tests_can_use_servers_on_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
