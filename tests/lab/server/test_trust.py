from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from labs import NUMBERS
from regulab.cli import cli
from regulab.errors import InputError
from regulab.lab.authoring.loading import load
from regulab.lab.server.trust import Trust, settle
from regulab.lab.user_dirs import config_folder


@pytest.fixture
def folder(tmp_path):
    """A session of somebody else's."""
    return shutil.copytree(NUMBERS, tmp_path / "numbers")


@pytest.fixture
def trust(tmp_path):
    return Trust(tmp_path / "config" / "trusted")


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_regulabs_own_session_is_trusted_and_a_copy_of_it_is_not(trust, tmp_path):
    ours = load("avoid-overfitting")
    assert trust.given(ours)
    assert not trust.given(load(shutil.copytree(ours.folder, tmp_path / "copy")))


def test_trust_is_for_the_content_of_the_files_in_any_folder(trust, folder, tmp_path):
    trust.give(load(folder))
    assert trust.given(load(folder))
    assert trust.given(load(shutil.copytree(folder, tmp_path / "elsewhere")))
    for name in ("session.yaml", "checks/half.yaml", "tasks/half.md"):
        path = folder / name
        before = path.read_text()
        path.write_text(before + "\n")
        assert not trust.given(load(folder)), name
        path.write_text(before)
    assert trust.given(load(folder))


def test_trust_is_one_file_that_names_its_session_and_can_be_deleted(trust, folder):
    session = load(folder)
    trust.give(session)
    (file,) = trust.folder.iterdir()
    assert file.name == f"{session.digest}.json"
    assert json.loads(file.read_text())["folder"] == str(folder)
    file.unlink()
    assert not trust.given(session)


def test_whoever_sets_up_a_server_can_vouch_for_its_session(trust, folder):
    assert Trust(trust.folder, vouched=True).given(load(folder))


def test_a_user_is_asked_until_they_say_yes(trust, folder):
    asked = []

    def answer(with_):
        return lambda question: asked.append(question) or with_

    session = load(folder)
    assert not settle(session, trust, give=False, ask=answer(False))
    assert not settle(session, trust, give=False, ask=None)
    assert settle(session, trust, give=False, ask=answer(True))
    assert settle(session, trust, give=False, ask=answer(False))
    assert len(asked) == 2
    assert "is not one of regulab's own" in asked[0]
    assert "run with your rights" in asked[0]


def test_trust_that_cannot_be_saved_is_one_message(tmp_path, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Expected a folder to remember your trust in"):
        Trust(tmp_path / "file" / "trusted").give(load(folder))


def test_checking_a_session_runs_nothing_of_it_before_it_is_trusted(folder, tmp_path):
    ran = tmp_path / "ran"
    notebook = folder / "notebook.md"
    notebook.write_text(notebook.read_text().replace("rate = 0.5", f"open({str(ran)!r}, 'w').close()\nrate = 0.5"))
    refused = CliRunner().invoke(cli, ["session", "check", str(folder)])
    assert refused.exit_code == 2
    assert "Expected a session that you trust: this runs its code." in refused.output
    assert not ran.exists()
    assert CliRunner().invoke(cli, ["session", "check", str(folder), "--trust"]).exit_code == 0
    assert ran.exists()
    # It is remembered, until a file changes.
    assert CliRunner().invoke(cli, ["session", "check", str(folder)]).exit_code == 0
    (folder / "checks/half.yaml").write_text((folder / "checks/half.yaml").read_text() + "\n# other\n")
    assert CliRunner().invoke(cli, ["session", "check", str(folder)]).exit_code == 2


def test_a_session_begun_with_regulab_is_trusted_as_it_was_written(tmp_path):
    CliRunner().invoke(cli, ["session", "new", str(tmp_path / "mine")])
    assert Trust().given(load(tmp_path / "mine"))
    assert Trust().folder.is_relative_to(tmp_path)


def test_a_relative_configuration_folder_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_folder().is_relative_to(tmp_path)
