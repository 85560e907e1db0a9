"""A session's instructions as one static page: no kernel, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape

from regulab.lab.authoring.markdown import render
from regulab.lab.authoring.records import Hint, Part, Quiz, Session, Solution, Task, Text, Verify
from regulab.pages.document import document


def page(session: Session) -> str:
    """The whole page as HTML.

    Hints, answers and solutions are folded away in `<details>`; in print, hints and solutions stay folded.

    Example:
        >>> from regulab.lab.authoring.loading import load
        >>> "<script" in page(load("avoid-overfitting"))
        False
    """
    contents = "".join(
        f'<li><a href="#{escape(task.id)}">{escape(task.title)}</a> <span class="time">{task.minutes} min</span></li>'
        for task in session.tasks
    )
    data = f'<div class="data"><h2>The data</h2>{render(session.data)}</div>' if session.data else ""
    tasks = "\n".join(_task(task, session) for task in session.tasks)
    body = f"""<nav aria-label="Tasks"><h2>Tasks</h2><ol>{contents}</ol></nav>
<main>
{data}
{tasks}
</main>
<footer>
<p>Preview of the session <code>{escape(session.name)}</code>. The code is run in the session itself.</p>
</footer>"""
    return document(
        title=session.title,
        kind=f"Guided session · {' · about '.join(session.extent)}",
        heading=session.title,
        lead=f'<div class="lead">{render(session.summary)}</div>',
        body=body,
    )


def _task(task: Task, session: Session) -> str:
    parts = "\n".join(_part(part, session) for part in task.parts)
    code = "".join(
        f'<figure><figcaption>{title}</figcaption><pre tabindex="0"><code>{escape(text)}</code></pre></figure>'
        for title, text in (("To run", task.given), ("To complete", task.starter))
        if text
    )
    notebook = f'<details class="cells"><summary>In the notebook</summary>{code}</details>' if code else ""
    return f"""<article id="{escape(task.id)}">
<h2><span class="number">{task.number}</span> {escape(task.title)} <span class="time">{task.minutes} min</span></h2>
{parts}
{notebook}
</article>"""


def _part(part: Part, session: Session) -> str:
    match part:
        case Text():
            return render(part.markdown)
        case Hint():
            return (
                f'<details class="hint"><summary>Hint: {escape(part.title)}</summary>{render(part.markdown)}</details>'
            )
        case Verify():
            names = [f"<code>{escape(name)}</code>" for name in session.checks[part.check].asks]
            told = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
            return f'<p class="check"><strong>Check</strong> looks at {told}.</p>'
        case Quiz():
            answers = "".join(
                f"<li>{render(each.text, inline=True)}<details><summary>This one?</summary>"
                f"<p><strong>{'Yes.' if each.right else 'No.'}</strong></p>{render(each.because)}</details></li>"
                for each in part.answers
            )
            return f'<section class="quiz"><h3>A question</h3>{render(part.question)}<ul>{answers}</ul></section>'
        case Solution():
            code = f'<pre tabindex="0"><code>{escape(part.code)}</code></pre>'
            return f'<details class="solution"><summary>Solution</summary>{render(part.markdown)}{code}</details>'
