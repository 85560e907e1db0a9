from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

import regulab.cli
from made import made, saved, untrained
from regulab.cli import cli
from regulab.cli.console import PlainFormatter
from regulab.cli.table import print_results
from regulab.errors import InputError
from regulab.histories.example_losses import ExampleLosses
from regulab.histories.history import History
from regulab.results import Results, load

# Clears the screen, sets the window's title, turns the direction of writing, and begins a line that looks like ours.
EVIL = "l2\x1b[2J\x1b]0;title\x07\x9b1m\u202e\nError: none\r"
NEUTRAL = "l2?[2J?]0;title??1m??Error: none?"


@pytest.fixture(scope="module")
def evil_results() -> Results:
    members, losses = [], {}
    for seed in range(2):
        for variant, best in (("baseline", 0.4), (EVIL, 0.3)):
            curves = {
                "val_data_loss": (0.9, best + seed / 100, 0.7),
                "train_data_loss": (0.9, 0.3, 0.2),
                EVIL: (1, 2, 3),
            }
            members.append(History(variant, seed, curves))
            values = best + seed / 100 + 0.01 * (variant != EVIL) * ((-1.0) ** seed) + made().losses["baseline", 0].test
            losses[variant, seed] = ExampleLosses(values, values)
    data = {"name": EVIL, "title": EVIL, "source": EVIL, "test": 8, "fingerprint": "12ab", "validation_is_test": False}
    return untrained(members, losses, data=data, parameters=9, epochs=3)


@pytest.fixture
def evil_run(evil_results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = saved(evil_results, tmp_path / "r\x1b[2J\nun")
    saved(evil_results, tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    return folder.relative_to(tmp_path)


def is_plain(text: str) -> bool:
    return all(letter.isprintable() or letter == "\n" for letter in text)


@pytest.mark.parametrize(
    "command",
    [
        ["diagnose", "{run}"],
        ["diagnose", "{run}", "{run}"],
        ["diagnose", "{run}", "--train-column", EVIL],
        ["compare", "{run}", "other"],
        ["apply", "{run}", "--variant", EVIL, "--out", "m.keras"],
        ["apply", "{run}", "--variant", "l3", "--out", "m.keras"],
        ["apply", "{run}", "--out", "{run}"],
        ["report", "{run}", "--out", "{run}.html"],
        ["report", EVIL],
        ["run", EVIL],
        ["run", "--variants", EVIL],
        [f"--{EVIL}"],
        [EVIL],
        ["run", f"--{EVIL}"],
    ],
    ids=lambda command: " ".join(command).replace(EVIL, "EVIL"),
)
@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # in the figures of the report
def test_no_command_prints_an_escape_sequence_from_a_file(command: list[str], evil_run: Path) -> None:
    result = CliRunner().invoke(cli, [word.replace("{run}", str(evil_run)) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert is_plain(result.output), ascii(result.output)
    assert result.exit_code or "\nError: none" not in result.output


def test_names_stay_recognizable(evil_run: Path) -> None:
    assert f"{NEUTRAL}, seed 0: " in CliRunner().invoke(cli, ["diagnose", str(evil_run)]).stdout
    table = CliRunner().invoke(cli, ["compare", str(evil_run), "other"]).stdout
    assert any(line.startswith(NEUTRAL) for line in table.splitlines())


def test_the_table_after_a_run_is_plain(evil_results: Results, capsys: pytest.CaptureFixture[str]) -> None:
    print_results(evil_results)
    assert is_plain(capsys.readouterr().out)


def test_what_python_prints_of_results_is_plain(evil_results: Results) -> None:
    histories = evil_results.histories
    for text in (str(evil_results), repr(evil_results), repr(histories), repr(histories.members[-1])):
        assert is_plain(text), ascii(text)


def test_messages_of_errors_are_plain(evil_run: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(evil_run).model(EVIL + "3")
    assert is_plain(str(caught.value))


def test_log_records_are_plain() -> None:
    record = logging.LogRecord("regulab", logging.INFO, "", 1, "%s: kernels", (EVIL,), None)
    assert is_plain(PlainFormatter().format(record))


def test_json_keeps_names_and_is_ascii(evil_run: Path) -> None:
    output = CliRunner().invoke(cli, ["compare", str(evil_run), "--json"]).stdout
    assert {line["variant"] for line in json.loads(output)["runs"][0]["summary"]} == {"baseline", EVIL}
    assert output.isascii()
    assert is_plain(output)


def test_commands_print_through_their_console_alone() -> None:
    for path in Path(regulab.cli.__file__).parent.glob("*.py"):
        if path.name != "console.py":
            tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            called = {ast.unparse(node.func) for node in tree if isinstance(node, ast.Call)}
            assert not called & {"click.echo", "click.secho", "print", "Console"}, path
