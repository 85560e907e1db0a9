"""Turns Markdown into HTML that is safe to show: without the author's own HTML, without scripts and remote files."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def render(text: str, *, inline: bool = False) -> str:
    r"""Render Markdown.

    HTML in it is shown as text. Links may lead to http, https, mailto or another part of the page. Images are replaced
    by their description: a page that loads nothing looks the same everywhere and tells nobody that it was read.

    Args:
        text: CommonMark with tables.
        inline: Whether to leave out the paragraph around it.

    Example:
        >>> render("`x` is <b>bold</b>")
        '<p><code>x</code> is &lt;b&gt;bold&lt;/b&gt;</p>\n'
        >>> render("[a](javascript:alert(1)) ![words](https://example.org/a.png)")
        '<p>[a](javascript:alert(1)) words</p>\n'
    """
    engine = _engine()
    return str(engine.renderInline(text) if inline else engine.render(text))


@lru_cache(maxsize=1)
def _engine() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import escapeHtml

    engine = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    validate = engine.validateLink

    def allowed(url: str) -> bool:
        scheme, colon, _ = url.strip().partition(":")
        allowed_scheme = (
            not colon or scheme.lower() in ("http", "https", "mailto") or "/" in scheme or scheme.startswith("#")
        )
        return allowed_scheme and not url.startswith("//") and validate(url)

    def image(tokens: Any, index: int, *_: Any) -> str:
        return str(escapeHtml(tokens[index].content))

    def link(tokens: Any, index: int, options: Any, _env: Any) -> str:
        tokens[index].attrSet("rel", "noopener noreferrer")
        return str(engine.renderer.renderToken(tokens, index, options, {}))  # type: ignore[attr-defined]

    engine.validateLink = allowed  # type: ignore[method-assign]
    engine.renderer.rules["image"] = image  # type: ignore[attr-defined]
    engine.renderer.rules["link_open"] = link  # type: ignore[attr-defined]
    return engine
