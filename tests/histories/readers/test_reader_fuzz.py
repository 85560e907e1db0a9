from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulab.diagnosis.diagnose import diagnose_histories
from regulab.errors import InputError
from regulab.histories.readers import read_log

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
CSV = b"epoch,step,loss,val_loss,accuracy\n" + b"".join(b"%d,%d,0.5,,97.5\n" % (row // 3, row) for row in range(12))
JSON = json.dumps({"loss": [3.0, 2.0, 1.0], "val_loss": [3, None, 2], "accuracy": [10, 50, 90]}).encode()
STATE = json.dumps(
    {"log_history": [{"epoch": 0.5, "step": 1, "loss": 2.0}, {"epoch": 1, "step": 2, "eval_loss": 2.0}] * 2}
).encode()
LINES = b"".join(b'{"epoch": %d, "step": %d, "loss": 0.5}\n' % (row // 3, row) for row in range(6))
OWN = b"variant,seed,epoch,measure,value\nl2,0,0,loss,0.5\nl2,0,1,loss,0.25\n"

words = st.sampled_from(
    ["", "NA", "nan", "inf", "-inf", "1e999", "-1e308", "oops", '"', "0.5", "1,5", "٣", "\x00", "%"]
)
names = st.sampled_from(["epoch", "step", "loss", "val_loss", "train_loss", "val_acc", "acc", "", "x", "loss_step"])
cells = words | st.floats().map(str) | st.integers(-3, 200_000).map(str) | st.text(max_size=3)
values = (
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3) | st.lists(st.floats(), max_size=2)
)
keys = names | st.sampled_from(["history", "log_history", "eval_loss"]) | st.text(max_size=3)
documents = st.recursive(
    values, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
tables = st.tuples(
    st.lists(names, min_size=1, max_size=5),
    st.lists(st.lists(cells, max_size=6), max_size=8),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", ""]),
).map(lambda parts: parts[3].join(parts[2].join(row) for row in [parts[0], *parts[1]]))


def spoiled(sound: bytes) -> st.SearchStrategy[bytes]:
    """A sound log with one piece replaced by another."""
    position = st.integers(0, len(sound))
    return st.tuples(position, position, st.binary(max_size=12)).map(
        lambda cut: sound[: min(cut[:2])] + cut[2] + sound[max(cut[:2]) :]
    )


def check(content: bytes, path: Path) -> None:
    """Either it reads, and can be diagnosed, or there is one message."""
    path.write_bytes(content)
    try:
        histories = read_log(path)
    except InputError:
        return
    for history in histories:
        assert history.epochs > 0
        assert {len(values) for values in history.measures.values()} == {history.epochs}
    str(diagnose_histories(histories)).encode()


@QUICK
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_read_or_get_one_message(content, tmp_path) -> None:
    check(content, tmp_path / "log")


@QUICK
@given(content=tables)
def test_any_table_reads_or_gets_one_message(content, tmp_path) -> None:
    check(content.encode("utf-8", "surrogatepass"), tmp_path / "log")


@QUICK
@given(document=documents)
def test_any_json_reads_or_gets_one_message(document, tmp_path) -> None:
    check(json.dumps(document).encode(), tmp_path / "log")


@QUICK
@given(log=st.lists(st.dictionaries(keys | st.just("epoch"), values, max_size=4), max_size=5))
def test_any_log_history_reads_or_gets_one_message(log, tmp_path) -> None:
    check(json.dumps({"log_history": log}).encode(), tmp_path / "log")


@pytest.mark.parametrize("sound", [CSV, JSON, LINES, STATE, OWN], ids=["csv", "json", "lines", "trainer state", "run"])
def test_a_spoiled_log_reads_or_gets_one_message(sound, tmp_path) -> None:
    @QUICK
    @given(content=spoiled(sound))
    def run(content: bytes) -> None:
        check(content, tmp_path / "log")

    run()


def test_a_spoiled_event_file_reads_or_gets_one_message(tmp_path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    def written(records: list[bytes]) -> bytes:
        with (tmp_path / "sound").open("wb") as file:
            writer = RecordWriter(file)
            for record in records:
                writer.write(record)
            writer.flush()
        return (tmp_path / "sound").read_bytes()

    records = [Event(wall_time=1, file_version="brain.Event:2").SerializeToString()]
    for step in range(3):
        event = Event(wall_time=2, step=step)
        event.summary.value.add(tag="loss", simple_value=0.5)
        event.summary.value.add(tag="val_loss").tensor.dtype = 1
        records.append(event.SerializeToString())

    @QUICK
    @given(content=spoiled(written(records)))
    def bytes_spoiled(content: bytes) -> None:
        check(content, tmp_path / "log")

    @QUICK
    @given(record=spoiled(records[1]) | st.binary(max_size=60))
    def record_spoiled(record: bytes) -> None:
        check(written([*records[:2], record, *records[2:]]), tmp_path / "log")

    bytes_spoiled()
    record_spoiled()
