from __future__ import annotations

import stat
import zipfile

import pytest
from click.testing import CliRunner

import regulab.lab.authoring.archives
from labs import NUMBERS
from regulab.cli import cli
from regulab.errors import InputError
from regulab.lab.authoring.archives import pack, unpack
from regulab.lab.authoring.loading import load


@pytest.fixture
def build(tmp_path):
    """Writes an archive of named texts, the small session's among them."""

    def write(extra=(), *, top="numbers/", name="numbers.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(NUMBERS.rglob("*")):
                if file.is_file():
                    archive.writestr(f"{top}{file.relative_to(NUMBERS).as_posix()}", file.read_bytes())
            for entry, content in extra:
                archive.writestr(entry, content)
        return path

    return write


@pytest.fixture
def into(tmp_path):
    return tmp_path / "unpacked"


def test_a_packed_session_has_the_same_digest_when_unpacked(tmp_path, into):
    session = load(NUMBERS)
    for name in ("one.zip", "two.zip"):
        pack(session, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    again = load(unpack(tmp_path / "one.zip", into=into))
    assert (again.name, again.digest) == ("numbers", session.digest)


def test_the_pack_command_writes_a_file_that_other_commands_read(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    target = tmp_path / "lesson.zip"
    done = CliRunner().invoke(cli, ["session", "pack", str(NUMBERS), "--out", str(target)])
    assert "2 tasks, 5 minutes, digest" in done.output
    assert load(target).folder.is_relative_to(tmp_path / "cache")
    assert (
        CliRunner().invoke(cli, ["session", "preview", str(target), "--out", str(tmp_path / "p.html")]).exit_code == 0
    )


def test_a_session_without_a_folder_of_its_own_takes_the_archives_name(build, into):
    assert unpack(build(top="", name="lesson.zip"), into=into).name == "lesson"


@pytest.mark.parametrize("name", ["...zip", ".lesson.zip"])
def test_an_archive_without_a_folder_needs_a_name_that_a_folder_can_have(build, into, name):
    with pytest.raises(InputError, match="whose name cannot be that of one"):
        unpack(build(top="", name=name), into=into)
    assert list(into.iterdir()) == []


def test_files_that_systems_and_editors_leave_behind_are_ignored(build, into):
    path = build([("numbers/.DS_Store", "x"), ("__MACOSX/numbers/._session.yaml", "x"), ("numbers/.git/config", "x")])
    assert load(unpack(path, into=into)).digest == load(NUMBERS).digest


def test_an_archive_is_unpacked_only_once(build, into):
    path = build()
    first = unpack(path, into=into)
    (first / "session.yaml").write_text("changed")
    assert (unpack(path, into=into) / "session.yaml").read_text() == "changed"
    assert [path for path in into.iterdir() if path.name.startswith(".")] == []


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("../outside.txt", "a file called"),
        ("numbers/../../outside.txt", "a file called"),
        ("/outside.txt", "a file called"),
        ("..\\outside.txt", "a file called"),
        ("C:outside.txt", "a file called"),
        ("numbers/a\nb.txt", "a file called"),
        ("numbers/" + "x" * 300, "a file called"),
        (link("numbers/link"), "a link or a device"),
        ("NUMBERS/Session.yaml", "two files called"),
        ("other/session.yaml", "2 folders with a session.yaml"),
    ],
)
def test_an_archive_with_unsafe_entries_is_refused_and_writes_nothing(build, into, tmp_path, entry, words):
    before = sorted(tmp_path.rglob("*"))
    path = build([(entry, "text")])
    with pytest.raises(InputError, match=words):
        unpack(path, into=into)
    after = [other for other in sorted(tmp_path.rglob("*")) if not other.is_relative_to(into) and other != path]
    assert after == before


def test_unpacked_sizes_are_counted_whatever_the_archive_says(build, into, monkeypatch):
    monkeypatch.setattr(regulab.lab.authoring.archives, "MAX_BYTES", 100_000)
    path = build([("numbers/zeros", b"\0" * 1_000_000)])
    content = path.read_bytes()
    # The archive claims that the large file is a small one.
    lying = content.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    for name, archive in (("honest.zip", content), ("lying.zip", lying)):
        path.with_name(name).write_bytes(archive)
        with pytest.raises(InputError, match=r"when unpacked|cannot be unpacked"):
            unpack(path.with_name(name), into=into)
    assert list(into.iterdir()) == []


def test_too_many_files_are_refused(build, into, monkeypatch):
    monkeypatch.setattr(regulab.lab.authoring.archives, "MAX_FILES", 3)
    with pytest.raises(InputError, match="files, more than 3"):
        unpack(build(), into=into)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_not_a_session_gives_one_clear_error(tmp_path, into, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"Expected a session's files in x\.zip"):
        unpack(path, into=into)


def test_a_damaged_archive_gives_one_clear_error(build, into):
    path = build()
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(path, into=into)
    assert list(into.iterdir()) == []
