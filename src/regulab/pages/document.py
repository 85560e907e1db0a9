"""One page of HTML that needs nothing else: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from html import escape

from regulab.pages.style import STYLE

#: Nothing may be fetched and no script may run, whatever the page holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
#: The same, for a page that holds pictures.
WITH_IMAGES = f"{POLICY}; img-src data:"


def document(
    *, title: str, kind: str, heading: str, lead: str, body: str, style: str = "", policy: str = POLICY
) -> str:
    """A whole page.

    Args:
        title: The window's title, as text.
        kind: What page this is, as text.
        heading: Its heading, as text.
        lead: What comes next in the header, as HTML.
        body: What follows the header, as HTML.
        style: Rules for this page beside those that all pages have.
        policy: What may be loaded.

    Example:
        >>> "<h1>A &amp; B</h1>" in document(title="T", kind="K", heading="A & B", lead="", body="")
        True
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<title>{escape(title)}</title>
<style>{STYLE}{style}</style>
</head>
<body>
<header>
<p class="kind">{escape(kind)}</p>
<h1>{escape(heading)}</h1>
{lead}
</header>
{body}
</body>
</html>
"""
