from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_a_wheel_carries_the_pages_and_the_catalogue(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("src", "docs"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("*.egg-info", "_build", "__pycache__")
        )
    # By way of a source distribution, as an index would hand it out.
    code = (
        "import setuptools.build_meta as build, tarfile\n"
        "archive = build.build_sdist('dist')\n"
        "tarfile.open('dist/' + archive).extractall('unpacked', filter='data')\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
    [unpacked] = (source / "unpacked").iterdir()
    code = "import setuptools.build_meta as build; print(build.build_wheel('dist'))"
    subprocess.run([sys.executable, "-c", code], cwd=unpacked, check=True, capture_output=True)
    [wheel] = (unpacked / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "from regulab.lab.guide.guide import Guide\n"
        "from regulab.lab.guide.pages import pages\n"
        "from regulab.lab.authoring.loading import load\n"
        "guide = Guide(load('avoid-overfitting'))\n"
        "print(*pages())\n"
        "print(*(passage.source.id for passage in guide.answers('What does DIVERGED mean?')))\n"
        "print(guide.explain('NameError', \"name 'x' is not defined\")['source']['id'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    listed, answers, entry = done.stdout.splitlines()
    assert {"findings/overfitting", "glossary"} <= set(listed.split())
    assert "findings/diverged" in answers.split()
    assert entry == "name-not-made"
