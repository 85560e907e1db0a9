"""The IPython shell that runs this process, if one does."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """What runs the notebook's cells, or None in a Python without IPython."""
    # A Python that has not loaded IPython does not run in it.
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()
