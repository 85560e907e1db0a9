from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from regulab.histories.run_folder import RunFolder
from regulab.training.saved_models import save_models

BASELINE = ("baseline", 0)


def model(save: Callable[[Path], None]) -> Any:
    """What is saved, as far as it matters here."""
    return SimpleNamespace(optimizer=SimpleNamespace(build=lambda _: None), trainable_variables=[], save=save)


def write_whole(path: Path) -> None:
    path.write_bytes(b"whole")


def fail_with(*error: Any, halfway: bool = True) -> Callable[[Path], None]:
    def save(path: Path) -> None:
        if halfway:
            path.write_bytes(b"half")
        raise OSError(*error, str(path))

    return save


def files(run: RunFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.models_folder.iterdir()}


def test_a_model_that_is_interrupted_while_it_is_saved_leaves_no_half_file(tmp_path: Path) -> None:
    def save(path: Path) -> None:
        path.write_bytes(b"half")
        # What a kill would leave behind at this moment.
        assert not run.model_file(*BASELINE).exists()
        raise KeyboardInterrupt

    run = RunFolder(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        save_models({BASELINE: model(save)}, run)
    assert files(run) == {}


def test_an_earlier_model_stays_whole_until_the_new_one_is(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert save_models({BASELINE: model(write_whole)}, run) == [run.model_file(*BASELINE)]
    with pytest.raises(OSError, match="No space left"):
        save_models({BASELINE: model(fail_with(errno.ENOSPC, "No space left on device"))}, run)
    assert files(run) == {"baseline-seed0.keras": b"whole"}


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES], ids=errno.errorcode.get
)
def test_a_disk_that_takes_no_model_is_an_error(tmp_path: Path, number: int) -> None:
    with pytest.raises(OSError, match="refused"):
        save_models({BASELINE: model(fail_with(number, "refused", halfway=False))}, RunFolder(tmp_path))


def test_a_models_folder_that_is_deleted_meanwhile_is_an_error(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)

    def save(path: Path) -> None:
        path.parent.rmdir()
        path.write_bytes(b"")

    with pytest.raises(FileNotFoundError):
        save_models({BASELINE: model(save)}, run)


def save_unwritable(_: Path) -> None:
    raise TypeError("Cannot serialize\nthis loss.")


def save_without_its_vocabulary(_: Path) -> None:
    Path("vocabulary-that-is-not-there.txt").read_text()


def save_nothing(_: Path) -> None:
    pass


@pytest.mark.parametrize("save", [save_unwritable, save_without_its_vocabulary, save_nothing])
def test_a_model_that_cannot_be_saved_for_its_own_reasons_is_a_warning(
    tmp_path: Path, save: Callable[[Path], None]
) -> None:
    run = RunFolder(tmp_path)
    with pytest.warns(UserWarning, match=r"^Cannot save the model of baseline, seed 0: .*\. The results are kept\.$"):
        saved = save_models({BASELINE: model(save), ("l2", 1): model(write_whole)}, run)
    assert saved == [run.model_file("l2", 1)]
    assert files(run) == {"l2-seed1.keras": b"whole"}


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_keras_fails_to_write_a_model_and_it_is_told_from_a_model_that_it_cannot_write(tmp_path: Path) -> None:
    import keras

    large = keras.Sequential([keras.Input((50,)), keras.layers.Dense(50)])
    large.compile("adam", "mse")
    run = RunFolder(tmp_path)
    for size in (0, 300, 5_000, 20_000):
        with pytest.raises((OSError, ValueError)), no_file_larger_than(size):
            save_models({BASELINE: large}, run)
        assert files(run) == {}
    (saved,) = save_models({BASELINE: large}, run)
    assert keras.models.load_model(saved).count_params() == large.count_params()
