"""The directives of docs/architecture.md: {rooms-picture}, {floor-rules} and {further-contracts}."""

from __future__ import annotations

from docutils import nodes
from rooms import further_contracts, rules_table
from rooms_picture import svg
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class RoomsPicture(SphinxDirective):
    """The rooms and their imports, as SVG in the page, so that its colours follow the theme."""

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        # The source code is no document, so that only this makes Sphinx read the page anew.
        self.env.note_reread()
        return [nodes.raw("", f'<div class="rooms-frame">{svg()}</div>', format="html")]


class FloorRules(SphinxDirective):
    """What each room may import."""

    def run(self) -> list[nodes.Node]:
        """List it."""
        return self.parse_text_to_nodes(rules_table())


class FurtherContracts(SphinxDirective):
    """The contracts that are not about one room as a whole."""

    def run(self) -> list[nodes.Node]:
        """List them."""
        return self.parse_text_to_nodes("\n".join(f"- {name}." for name in further_contracts()))


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known to Sphinx."""
    app.add_directive("rooms-picture", RoomsPicture)
    app.add_directive("floor-rules", FloorRules)
    app.add_directive("further-contracts", FurtherContracts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
