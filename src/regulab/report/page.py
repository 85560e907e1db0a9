"""A report as one page of HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from regulab.diagnosis.finding import Finding
from regulab.pages.document import WITH_IMAGES, document
from regulab.report.contents import PICTURED, Judged, Report, Shown, Told
from regulab.report.table import Column

_STYLE = """
body { max-width: 66rem; }
.lead, .notes, section > p, figcaption, .finding { max-width: 46rem; }
.lead + .lead { margin-top: -.4rem; }
section { margin-top: 2.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
section > h2 { margin: 0 0 .75rem; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroll table { display: table; min-width: 100%; margin: .5rem 0 1rem; }
.scroll th, .scroll td { padding: .35rem .5rem; font-size: .9rem; }
.scroll td, .scroll thead th { white-space: nowrap; font-variant-numeric: tabular-nums; }
.scroll thead th { vertical-align: bottom; }
.scroll .number { min-width: 0; color: inherit; text-align: right; }
.scroll .words { min-width: 14rem; white-space: normal; }
.scroll tr > :first-child { position: sticky; left: 0; background: var(--paper); }
tbody th { font-weight: 400; }
.name { display: block; width: max-content; max-width: 12rem; overflow-wrap: anywhere; }
.scroll tr.chosen > * { background: var(--field); font-weight: 600; }
.tag { display: block; color: var(--good); font-size: .88em; }
.notes { padding: 0; list-style: none; color: var(--soft); font-size: .875rem; }
figure { margin: 0 0 2rem; }
figure img { display: block; max-width: min(100%, 46rem); height: auto; border-radius: .4rem; background: #fff; }
.finding { margin: .75rem 0 1.25rem; padding-left: 1rem; border-left: 3px solid var(--line); }
.finding p { margin: .2rem 0; }
.finding.warning, .finding.error { border-color: var(--hint); }
.finding .code { font-weight: 600; }
.finding .advice, .seeds { color: var(--soft); font-size: .94rem; }
.variant { margin-top: 1.75rem; }
.variant h3, .variant > .seeds { display: inline; margin: 0 .6rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; font-size: .94rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 36rem) { .name { max-width: 8rem; } dl { display: block; } dd { margin-bottom: .5rem; } }
@media print {
  figure, .finding, tr { break-inside: avoid; }
  section { margin-top: 1.25rem; }
  /* Paper does not scroll: what is too wide for it has to wrap. */
  .scroll { overflow: visible; }
  .scroll th, .scroll td { padding: .2rem .3rem; font-size: 8pt; white-space: normal; }
  .name { max-width: 7rem; }
}
"""

_APPLY = "<code>regulab apply RUN --out repaired.keras</code>"


def page(report: Report) -> str:
    """The whole page as HTML, with the figures inside it."""
    return document(
        title=f"regulab: {report.title}",
        kind="A report by regulab",
        heading=f"{report.title}: does the model overfit, and what helps?",
        lead="".join(f'<p class="lead">{escape(sentence)}</p>' for sentence in report.conclusion),
        body=f"""<main>
{_variants(report)}
{_figures(report.figures)}
{_findings(report)}
{_trained(report)}
</main>
{_footer(report)}""",
        style=_STYLE,
        policy=WITH_IMAGES,
    )


def _variants(report: Report) -> str:
    head = "".join(_heading(column) for column in report.columns)
    rows = "".join(_row(report, place) for place in range(len(report.names)))
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    about = "".join(_finding(finding) for finding in report.about)
    table = f'<table><thead><tr><th scope="col">variant</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return _section(
        "Variants",
        f'<p>{escape(report.heading)}</p>{_scroll(table, "Variants")}<ul class="notes">{notes}</ul>{about}',
    )


def _row(report: Report, place: int) -> str:
    name = report.names[place]
    kind, tag = "", ""
    if name == report.recommended:
        kind, tag = ' class="chosen"', '<span class="tag">recommended</span>'
    cells = "".join(_cell(column, place) for column in report.columns)
    return f'<tr{kind}><th scope="row">{_name(name)}{tag}</th>{cells}</tr>'


def _name(variant: str) -> str:
    return f'<span class="name">{escape(variant)}</span>'


def _heading(column: Column) -> str:
    kind = "" if column.left else ' class="number"'
    lines = [escape(line) for line in column.heading.split("\n") if line]
    return f'<th scope="col"{kind}>{"<br>".join(lines)}</th>'


def _cell(column: Column, place: int) -> str:
    kind = "" if column.left else ' class="number"'
    return f"<td{kind}>{escape(column.cells[place])}</td>"


def _figures(figures: Sequence[Shown]) -> str:
    shown = "".join(
        f'<figure><img alt="{PICTURED[figure.name]}" src="data:image/png;base64,{b64encode(figure.png).decode()}">'
        f"<figcaption>{escape(figure.caption)}</figcaption></figure>"
        for figure in figures
    )
    return _section("Figures", shown) if figures else ""


def _findings(report: Report) -> str:
    advised: set[str] = set()
    return _section("Findings", "".join(_judged(judged, advised) for judged in report.judged))


def _judged(judged: Judged, advised: set[str]) -> str:
    verdicts = "; ".join(
        f"{escape(verdict)} {_with(seeds, judged.seeds)}".strip() for verdict, seeds in judged.verdicts.items()
    )
    told = "".join(_told(each, judged.seeds, advised) for each in judged.told)
    return f'<div class="variant"><h3>{escape(judged.variant)}</h3><p class="seeds">{verdicts}</p>{told}</div>'


def _told(told: Told, seeds: Sequence[int], advised: set[str]) -> str:
    """A finding; the same advice is given once on the page."""
    again = told.finding.advice in advised
    advised.add(told.finding.advice)
    first = told.seeds[0] if len(seeds) > 1 else None
    return _finding(told.finding, _with(told.seeds, seeds), first=first, advise=not again)


def _finding(finding: Finding, where: str = "", *, first: int | None = None, advise: bool = True) -> str:
    seed = "" if first is None else f' <span class="seeds">(seed {first})</span>'
    advice = f'<p class="advice">{escape(finding.advice)}</p>' if advise else ""
    weight = ", ".join(filter(None, (finding.severity, where)))
    return (
        f'<div class="finding {finding.severity}"><p><span class="code">{finding.code}</span> '
        f'<span class="seeds">{weight}</span></p>'
        f"<p>{escape(finding.message)}{seed}</p>{advice}</div>"
    )


def _with(seeds: Sequence[int], of: Sequence[int]) -> str:
    """With how many seeds; nothing where there is one."""
    if len(of) == 1:
        return ""
    if len(seeds) == len(of):
        return "with both seeds" if len(of) == 2 else f"with all {len(of)} seeds"
    return f"with {len(seeds)} of {len(of)} seeds"


def _trained(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_name(name)}</th><td class="words">{escape(change)}</td>'
        f'<td class="number">{parameters:,}</td></tr>'
        for name, (change, parameters) in zip(report.names, report.variants, strict=True)
    )
    head = '<th scope="col">variant</th><th scope="col">is</th><th scope="col" class="number">parameters</th>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in report.facts)
    return _section("What was trained", f"{_scroll(table, 'What each variant is')}<dl>{facts}</dl>")


def _footer(report: Report) -> str:
    told = "How each number comes about stands in regulab's documentation, a page for every finding."
    if report.kept:
        told += " The run folder that this page was made from holds all of them as plain files"
        # Where none is recommended, there is none to apply.
        told += f", and the trained models: {_APPLY} saves the recommended one." if report.recommended else "."
    return f"<footer><p>{told}</p></footer>"


def _section(heading: str, body: str) -> str:
    return f"<section><h2>{heading}</h2>{body}</section>"


def _scroll(table: str, label: str) -> str:
    # What scrolls has to be within reach of the keyboard.
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">{table}</div>'
