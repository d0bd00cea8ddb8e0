"""How `make docs` builds these pages. It asks nobody outside, and a warning is a failure."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from galaxy_core import __version__  # noqa: E402

project = "Galaxy transfer explorer"
author = "the project's contributors"
version = release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "command_pages", "forge_links"]
exclude_patterns = ["_build", "_ext", "_templates"]

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {
    "navbar_center": [],  # every page is in the list at the left, with its heading
    "navbar_persistent": [],
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"**": ["search-field", "pages.html"]}
templates_path = ["_templates"]
html_show_sourcelink = False
smartquotes = False  # two hyphens are an option, not a dash
html_favicon = "../app/icon.svg"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "code"  # docstrings write `code` with single backticks
autodoc_typehints = "signature"
autodoc_member_order = "bysource"

nb_execution_mode = "off" if os.environ.get("GALAXY_DOCS_NOTEBOOKS") == "off" else "force"
nb_execution_timeout = 900
nb_execution_raise_on_error = True
nb_merge_streams = True

# what notebooks train lies beside the built pages, and nobody's own runs are touched
os.environ["GALAXY_RUNS"] = str(HERE / "_build" / "runs")
os.environ.pop("GALAXY_MODELS", None)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
