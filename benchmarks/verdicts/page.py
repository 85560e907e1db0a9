"""Tables of what was counted, and docs/verdicts.md with them between its marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from loud import Share
from pages import between

from comparison import ELSE, HEALTHY, OVERFITTING, UNSURE, Row


def share(part: int, whole: int) -> str:
    """A share in percent with what it is of, or nothing where it is of nothing.

    Example:
        >>> share(1, 200), share(0, 0)
        ('0.50% of 200', '')
    """
    return f"{100 * part / whole:.2f}% of {whole:,}" if whole else ""


def codes_table(tallies: Mapping[str, Mapping[str, Counter[str]]]) -> str:
    """A row for each code, over all kinds of cases."""
    lines = ["| code | missed | false alarms |", "|---|--:|--:|"]
    for code, kinds in sorted(tallies.items()):
        tally = sum(kinds.values(), Counter())
        missed, false = share(tally["missed"], tally["must"]), share(tally["false"], tally["must not"])
        lines.append(f"| `{code}` | {missed} | {false} |")
    return "\n".join(lines)


def loud_table(shares: Sequence[Share]) -> str:
    """A row for each length and noise."""
    lines = [
        "| epochs | noise of an epoch | missed | cannot tell | the least possible | false alarms on a plateau "
        "| cannot tell on a plateau |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in sorted(shares, key=lambda row: (row.epochs, row.noise)):
        cells = (row.missed, row.unclear, row.limit, row.false, row.doubted)
        lines.append(f"| {row.epochs} | {row.noise:.0%} | {' | '.join(f'{cell:.1%}' for cell in cells)} |")
    return "\n".join([*lines, "", f"Shares of {shares[0].per_kind:,} curves each."])


def shown_table(answers: Mapping[tuple[str, str | None], Counter[str]]) -> str:
    """A row for each truth and for what the log's own examples show of it."""
    lines = [
        "| truth, by the pool | by the log's own examples | logs | overfitting | cannot tell | healthy |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for truth in (OVERFITTING, HEALTHY):
        for seen, label in ((OVERFITTING, OVERFITTING), (None, "between, or unsure"), (HEALTHY, HEALTHY)):
            said = answers.get((truth, seen), Counter())
            cells = (said.total(), said[OVERFITTING], said[UNSURE], said[HEALTHY] + said[ELSE])
            lines.append(f"| {truth} | {label} | {' | '.join(f'{cell:,}' for cell in cells)} |")
    return "\n".join(lines)


def tools_table(rows: Sequence[Row]) -> str:
    """A row for each group of logs and truth, a column for each tool."""
    tools = list(dict.fromkeys(tool for row in rows for tool in row.answers))
    lines = [f"| logs | truth | number | {' | '.join(tools)} |", "|---|---|--:|" + "--:|" * len(tools)]
    for row in sorted(rows, key=lambda row: (row.group != "generated", row.group, row.truth != OVERFITTING)):
        number = f"{row.logs:,}" + (f" of {len(row.trainings)}" if len(row.trainings) != row.logs else "")
        cells = [_cell(row.truth, row.answers[tool]) for tool in tools]
        lines.append(f"| {row.group} | {row.truth} | {number} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(truth: str, said: Counter[str]) -> str:
    """Missed where it overfits; else called overfitting and, where healthy, other alarms; last what was left open."""
    whole = said.total()
    if not whole:
        return "–"
    counts = {
        OVERFITTING: [whole - said[OVERFITTING] - said[UNSURE]],
        HEALTHY: [said[OVERFITTING], said[ELSE]],
    }.get(truth, [said[OVERFITTING]])
    open_ = f" ({said[UNSURE] / whole:.1%})" if said[UNSURE] else ""
    return " / ".join(f"{count / whole:.1%}" for count in counts) + open_


def write(page: Path, tables: Mapping[str, str]) -> None:
    """Put tables between their marks; the rest of the page stays as it is."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = between(text, table, marks=(f"<!-- verdicts: {name} -->", "<!-- end -->"))
    page.write_text(text, encoding="utf-8")
