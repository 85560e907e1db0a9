from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"jinja2", "keras", "matplotlib", "pandas", "scipy", "sklearn", "tensorflow"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["run", "--help"], 0),
        (["run", "imbd"], 2),
        (["run", "--resume"], 2),
        (["run", "--epochs", "0"], 2),
        (["apply", "nowhere", "--out", "m.h5"], 2),
    ],
)
def test_help_and_typing_errors_come_without_anything_heavy(arguments, code, tmp_path):
    lines = (
        "import sys",
        "from regulab.cli import cli",
        "try: cli(sys.argv[1:], prog_name='regulab')",
        f"except SystemExit as leaving: print('\\nloaded:', leaving.code, *sorted({HEAVY!r} & set(sys.modules)))",
    )
    command = [sys.executable, "-c", "\n".join(lines), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"loaded: {code}"
    assert list(tmp_path.iterdir()) == []
