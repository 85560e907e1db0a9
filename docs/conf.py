from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "regulab"
author = "The regulab authors"
project_copyright = "The regulab authors"
release = version = installed_version("regulab")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "rooms_directives",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3

# Docstrings are written with `code` in single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
# A dataclass's fields stand in its Attributes section; autodoc would list them a second time.
napoleon_use_ivar = True

html_theme = "furo"
html_title = "regulab"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["regulab.css"]
