from __future__ import annotations

from pathlib import Path

import pytest

from regulab.atomic import replacing


def test_an_exception_leaves_the_old_file_alone_and_no_draft_behind(tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")

    def killed_halfway() -> None:
        with replacing(target) as draft:
            draft.write_text("half of the ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed_halfway()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_old_file_is_there_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "result.txt"
    target.write_text("old")
    with replacing(target) as draft:
        draft.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_the_draft_is_a_hidden_neighbour_with_the_same_suffix(tmp_path: Path) -> None:
    with replacing(tmp_path / "losses.npz") as draft:
        draft.touch()
        assert (draft.parent, draft.suffix, draft.name[0]) == (tmp_path, ".npz", ".")


def test_a_file_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        pass
    assert (tmp_path / "a.txt").read_text() == "old"
