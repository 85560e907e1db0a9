"""The summary as one page: no scripts, nothing loaded from elsewhere, the plots inside it."""

from __future__ import annotations

from html import escape

from regulab.lab.authoring.markdown import render
from regulab.lab.learner.summary import Image, Result, Summary
from regulab.pages.document import WITH_IMAGES, document

_MORE = """
.overview { display: table; width: 100%; }
.overview td:not(:first-child), .overview th:not(:first-child) { white-space: nowrap; text-align: right; }
.overview .state { text-align: left !important; }
.passed { color: var(--good); }
.plot { display: block; max-width: 100%; height: auto; margin: 1rem 0; border-radius: .4rem; background: #fff; }
.showed { border-left: 3px solid var(--good); padding-left: 1rem; }
.conclusion { padding: 1rem 1.25rem; border-radius: .5rem; background: var(--field); }
.conclusion h2 { margin-top: 0; }
.save { margin: 1.5rem 0 0; }
@media (max-width: 36rem) {
  .overview { display: block; font-size: .875rem; }
  .overview td, .overview th { padding: .35rem .25rem; }
  .overview .less { display: none; }
}
@media print { .save, .code { display: none; } .plot { break-inside: avoid; max-height: 9cm; } }
"""


def page(summary: Summary, *, when: str, save: str = "") -> str:
    """The whole page as HTML.

    Args:
        summary: What there is to show.
        when: The day, as it is to stand there.
        save: Address where the page is handed out as a file; empty where it is one.
    """
    session, results = summary.session, summary.results
    done = len(results) - len(summary.missing)
    spent = f" · {minutes(summary.seconds)}" if summary.seconds else ""
    told = f"{done} of {len(results)} tasks passed{spent} · {_count(summary.hints, 'hint')} used"
    keep = f'<p class="save"><a href="{escape(save)}" download>Save this page as one file</a></p>' if save else ""
    body = f"""<main>
{_overview(summary)}
{_conclusion(summary)}
{"".join(_result(result) for result in results if result.begun)}
</main>
<footer>
<p>Plots and text are what the notebook's cells show. Minutes are counted from one step in the panel to the next, of a
longer silence a quarter of an hour. A check is feedback for whoever learns, and no proof for others.</p>
</footer>"""
    return document(
        title=f"Summary: {session.title}",
        kind=f"Summary of a guided session · {when}",
        heading=session.title,
        lead=f'<p class="lead">{told}</p>{keep}',
        body=body,
        style=_MORE,
        policy=WITH_IMAGES,
    )


def _overview(summary: Summary) -> str:
    rows = "".join(
        f"<tr><td>{_link(result)}</td>"
        f'<td class="state">{_state(result)}</td><td>{result.progress.hints or "–"}</td>'
        f"<td>{'opened' if result.progress.solution else '–'}</td>"
        f'<td>{minutes(result.progress.seconds)}</td><td class="less">{result.task.minutes} min</td></tr>'
        for result in summary.results
    )
    head = '<th scope="col">Task</th><th scope="col" class="state">Check</th><th scope="col">Hints</th>'
    head += '<th scope="col">Solution</th><th scope="col">Time</th><th scope="col" class="less">Planned</th>'
    return f'<table class="overview"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _link(result: Result) -> str:
    name = f"{result.task.number}. {escape(result.task.title)}"
    return f'<a href="#{escape(result.task.id)}">{name}</a>' if result.begun else name


def _conclusion(summary: Summary) -> str:
    """What can be concluded, and where something is missing, what."""
    last = summary.results[-1]
    if summary.missing:
        names = ", ".join(f"<em>{escape(task.title)}</em>" for task in summary.missing)
        said = (
            f"<p>Not finished: {_count(len(summary.missing), 'task')} not passed yet, so nothing is concluded. Open: "
        )
        said += f"{names}.</p>"
    else:
        opened = summary.solutions
        own = f" For {_count(opened, 'of them', 'of them')}, the solution was opened." if opened else ""
        said = f"<p>All {_count(len(summary.results), 'task')} passed.{own}</p>{render(last.progress.showed)}"
        said += render(summary.session.conclusion)
    return f'<section class="conclusion"><h2>Conclusion</h2>{said}</section>'


def _result(result: Result) -> str:
    task, progress = result.task, result.progress
    showed = f'<div class="showed">{render(progress.showed)}</div>' if progress.showed else ""
    outputs = "".join(_output(output, f"{task.number}. {task.title}") for output in result.outputs)
    code = f'<pre tabindex="0"><code>{escape(result.code)}</code></pre>'
    written = f'<details class="code"><summary>The cells</summary>{code}</details>' if result.code else ""
    return f"""<article id="{escape(task.id)}">
<h2><span class="number">{task.number}</span> {escape(task.title)} <span class="time">{_state(result)}</span></h2>
{showed}
{outputs}
{written}
</article>
"""


def _output(output: Image | str, title: str) -> str:
    if isinstance(output, Image):
        return f'<img class="plot" alt="Plot in task {escape(title)}" src="data:{output.type};base64,{output.data}">'
    return f'<pre tabindex="0">{escape(output)}</pre>'


def _state(result: Result) -> str:
    if result.progress.done:
        return '<span class="passed">✓ passed</span>'
    return "not yet passed" if result.progress.checks else "not checked"


def minutes(seconds: float) -> str:
    """A time in words.

    Example:
        >>> minutes(0.0), minutes(20.0), minutes(130.0)
        ('–', '< 1 min', '2 min')
    """
    if not seconds:
        return "–"
    return "< 1 min" if seconds < 60 else f"{round(seconds / 60)} min"


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
