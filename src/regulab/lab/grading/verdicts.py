"""The four verdicts of a check, in the words that the panel and the progress have."""

from __future__ import annotations

PASSED, NOT_YET, NOT_ATTEMPTED, COULD_NOT_CHECK = "passed", "not yet", "not attempted", "could not check"
VERDICTS = (PASSED, NOT_YET, NOT_ATTEMPTED, COULD_NOT_CHECK)
