from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

import regulab.lab.server.launch
from labs import NUMBERS
from regulab.cli import cli
from regulab.errors import InputError
from regulab.lab.authoring.loading import load
from regulab.lab.server.launch import PANEL, Workplace, prepare


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Where Jupyter keeps its signatures."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


def test_the_notebook_is_written_once_and_never_replaced(tmp_path):
    first = prepare(load(NUMBERS), tmp_path / "new" / "work")
    path = first.folder / first.notebook
    assert first.new
    path.write_text("my work")
    again = prepare(load(NUMBERS), tmp_path / "new" / "work")
    assert not again.new
    assert path.read_text() == "my work"


def test_the_notebook_is_trusted_from_the_start(tmp_path):
    from nbformat.sign import NotebookNotary

    workplace = prepare(load(NUMBERS), tmp_path)
    notebook = nbformat.read(workplace.folder / workplace.notebook, as_version=4)
    notary = NotebookNotary()
    assert notary.check_signature(notebook)
    notary.store.close()


def test_the_address_quotes_any_session_name(tmp_path):
    workplace = Workplace(tmp_path, "My курс #1?.ipynb", new=True)
    assert workplace.address(lab=False) == "/notebooks/My%20%D0%BA%D1%83%D1%80%D1%81%20%231%3F.ipynb"
    assert workplace.address(lab=True) == "/lab/tree/My%20%D0%BA%D1%83%D1%80%D1%81%20%231%3F.ipynb"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Expected a folder to work in"):
        prepare(load(NUMBERS), tmp_path / "file")


def test_an_unknown_session_is_one_message(tmp_path):
    done = CliRunner().invoke(cli, ["lab", "no-such-session", "--folder", str(tmp_path / "work")])
    assert done.exit_code == 2
    assert "no-such-session" in done.output
    assert not (tmp_path / "work").exists()


def test_the_default_folder_is_in_the_home_folder(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(regulab.lab.server.launch, "prepare", lambda session, folder: seen.append(folder) or 1 / 0)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with pytest.raises(ZeroDivisionError):
        regulab.lab.server.launch.launch(str(NUMBERS))
    assert seen == [tmp_path / "regulab" / "numbers"]


def test_the_token_is_not_in_the_arguments_of_the_browser(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    address = {"url": "http://127.0.0.1:8888/", "token": "secret", "root_dir": str(tmp_path)}
    monkeypatch.setattr(regulab.lab.server.launch, "_running", lambda folder: address)
    regulab.lab.server.launch.launch(str(NUMBERS), folder=tmp_path, say=lambda text: None)
    page = tmp_path / ".regulab" / "open.html"
    assert opened == [page.as_uri()]
    assert "http://127.0.0.1:8888/notebooks/numbers.ipynb?token=secret" in page.read_text()
    assert page.stat().st_mode & 0o077 == 0


def test_the_panel_is_what_jupyter_looks_for_and_loads_nothing_from_elsewhere():
    package = PANEL / "regulab-panel"
    build = json.loads((package / "package.json").read_text())["jupyterlab"]["_build"]
    assert (package / build["load"]).is_file()
    for path in [*PANEL.rglob("*.js"), *PANEL.rglob("*.css")]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text, path.name
        assert "https:" not in text, path.name
