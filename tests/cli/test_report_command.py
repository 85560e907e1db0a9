from __future__ import annotations

from click.testing import CliRunner

from made import made, saved
from regulab.cli import cli


def report(*arguments):
    return CliRunner().invoke(cli, ["report", *map(str, arguments)])


def test_a_run_becomes_one_page(tmp_path) -> None:
    folder = saved(made(), tmp_path / "run")
    done = report(folder)
    assert (done.exit_code, done.output) == (0, f"Saved the report to {folder / 'report.html'}.\n")
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert report(folder).exit_code == 0


def test_another_file_is_never_overwritten(tmp_path) -> None:
    folder = saved(made(), tmp_path / "run")
    target = tmp_path / "page.html"
    assert report(folder, "--out", target).exit_code == 0
    assert not (folder / "report.html").exists()
    done = report(folder, "--out", target)
    assert done.exit_code == 2
    assert f"Expected --out to be a new file. Received: {target}, which exists." in done.output


def test_a_folder_without_a_run_is_refused(tmp_path) -> None:
    done = report(tmp_path)
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")
