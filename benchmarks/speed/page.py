"""What was measured, written into docs/performance.md between its marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pages import between

from speed.parts import PARTS

PAGE = "performance.md"
#: Parts on the reviews that IMDB's own may stand for; the others generate their data or bring it.
_ON_REVIEWS = ("course", "five-seeds", "single", "seeds", "start")


def tables(measured: Mapping[str, Any]) -> dict[str, str]:
    """The table of every part that was measured, with a line on the data."""
    written = {}
    for name, part in PARTS.items():
        if name in measured:
            held = measured[name]
            context = {**held["about"], "sizes": held["sizes"]}
            written[name] = f"{part.table(held['records'], context)}\n\n{trained_on(name, context)}"
    return written


def trained_on(name: str, about: Mapping[str, Any]) -> str:
    """The data in one sentence."""
    data = about["data"]
    if name not in _ON_REVIEWS:
        return {"growth": "On synthetic reviews.", "layers": "On scikit-learn's digits."}[name]
    return f"On {data['name']}: {data['rows']:,} to train on and as many to validate on, {data['words']:,} words."


def machines(measured: Mapping[str, Any]) -> str:
    """Machine and versions in a sentence; one for each group of parts where they differ."""
    groups: dict[str, list[str]] = {}
    for name in PARTS:
        if name in measured:
            about = measured[name]["about"]
            versions = ", ".join(f"{package} {number}" for package, number in about["versions"].items())
            groups.setdefault(f"{about['cores']} CPU cores, {about['system']}; {versions}", []).append(name)
    if len(groups) == 1:
        return f"Measured with {next(iter(groups))}."
    return "\n".join(f"- {', '.join(names)}: measured with {words}." for words, names in groups.items())


def text(measured: Mapping[str, Any], *, only: Sequence[str] = tuple(PARTS)) -> str:
    """All tables, and what they reach, for the terminal."""
    shown = {name: table for name, table in tables(measured).items() if name in only}
    lines = [str(reach) for name in shown for reach in PARTS[name].reaches(measured[name]["records"])]
    return "\n\n".join([*shown.values(), machines(measured), "\n".join(lines)])


def write(measured: Mapping[str, Any], *, docs: Path) -> None:
    """Replace tables and figures of the parts that were measured; others stay as they are."""
    from speed.figures import draw

    drawn = draw(measured, docs / "images")
    page = docs / PAGE
    old = page.read_text(encoding="utf-8")
    new = old
    for name, table in {"machine": machines(measured), **tables(measured)}.items():
        image = f"\n\n![{drawn[name].title}](images/{drawn[name].file})" if name in drawn else ""
        new = between(new, table + image, marks=(f"<!-- bench: {name} -->", "<!-- end -->"))
    if new != old:
        page.write_text(new, encoding="utf-8")
