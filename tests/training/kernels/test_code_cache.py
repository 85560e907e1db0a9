from __future__ import annotations

import errno
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pytest

from regulab.training.kernels import code_cache
from regulab.training.kernels.code_cache import keep_compiled


def doubled(value):
    return value + value


def compiled() -> Any:
    """As in a new process, with a cache."""
    dispatcher = numba.njit(doubled)
    keep_compiled(dispatcher)
    return dispatcher


def was_loaded(dispatcher: Any) -> bool:
    """Whether the machine code came from the disk."""
    return bool(dispatcher.stats.cache_hits)


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code_cache._warn_of.cache_clear()
    return tmp_path


@pytest.fixture
def no_other_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba looks into NUMBA_CACHE_DIR alone, which is not set: so no folder can be written to."""
    monkeypatch.setattr(numba.config, "CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")


@pytest.mark.usefixtures("no_other_place")
def test_compiled_code_is_kept_in_a_private_temporary_folder_where_there_is_no_other_place(temporary_folder) -> None:
    with pytest.warns(UserWarning, match=r"is kept in .*regulab-kernels-\d+, which may be cleared.*NUMBA_CACHE_DIR"):
        first = compiled()
    assert first(2) == 4
    (folder,) = temporary_folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    second = compiled()
    assert second(2) == 4
    assert (was_loaded(first), was_loaded(second), numba.config.CACHE_DIR) == (False, True, "")


def a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def writable_for_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


@pytest.mark.usefixtures("no_other_place")
@pytest.mark.parametrize("prepare", [a_link, writable_for_all, Path.touch])
def test_a_folder_that_somebody_else_may_have_filled_is_not_used(
    prepare: Callable[[Path], None], temporary_folder
) -> None:
    folder = code_cache._folder_of_user()
    assert folder is not None
    folder.rmdir()
    prepare(folder)
    with pytest.warns(UserWarning, match=r"compiled again in every run.*NUMBA_CACHE_DIR"):
        function = compiled()
    assert function(2) == 4
    assert not folder.is_dir() or not any(folder.iterdir())


@pytest.mark.usefixtures("no_other_place")
def test_kernels_are_compiled_without_a_cache_where_there_is_no_temporary_folder_either(monkeypatch) -> None:
    def refuse() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory")

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    with pytest.warns(UserWarning, match="compiled again in every run") as caught:
        assert (compiled()(2), compiled()(3)) == (4, 6)
    assert len(caught) == 1, "both functions have the same reason"


def test_a_full_disk_does_not_stop_a_training(monkeypatch, temporary_folder) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(temporary_folder))
    function = compiled()

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(function._cache._cache_file, "save", fail)
    with pytest.warns(UserWarning, match=r"could not be kept.*\(No space left on device\)"):
        assert function(2) == 4


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_cache_cut_short_is_written_anew(suffix, monkeypatch, temporary_folder) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(temporary_folder))
    compiled()(2)
    for file in temporary_folder.rglob(f"*.{suffix}"):
        file.write_bytes(file.read_bytes()[:20])
    damaged, repaired = compiled(), compiled()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (damaged(2), repaired(2)) == (4, 4)
    assert (was_loaded(damaged), was_loaded(repaired)) == (False, True)
