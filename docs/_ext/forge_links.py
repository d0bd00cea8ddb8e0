"""Links of README and its like to files outside docs/, which a forge shows where they lie, lead to their pages here."""

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

PAGES = {
    "models/README": "models",
    "SECURITY": "security",
    "CONTRIBUTING": "contributing",
    "CHANGELOG": "changes",
}
"""By the file's place in the repository, the page that includes it."""


def lead_home(app: Sphinx, doctree: nodes.document) -> None:
    """Every other target that is not there stays a warning."""
    for link in doctree.findall(pending_xref):
        target = f"/{link['reftarget']}".removesuffix(".md")
        for file, page in PAGES.items():
            if link["reftype"] == "myst" and target.endswith(f"/{file}"):
                link.attributes.update(refdomain="doc", reftarget=page, reftargetid=None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at every page once it is read."""
    app.connect("doctree-read", lead_home)
    return {"parallel_read_safe": True}
