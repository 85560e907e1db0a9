"""What the commands exit with."""

from __future__ import annotations

#: `diagnose --fail-on`: there is a finding of at least that severity.
FOUND = 1
#: A command was used wrongly, or what it was given cannot be used.
BAD_INPUT = 2
#: Ctrl-C, as shells number it.
INTERRUPTED = 130
