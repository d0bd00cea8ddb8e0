"""The sections of the page Evidence: every study, and those with a drawing of their own, one file each."""

SECTIONS = {
    "Before training": "before",
    "Layers": "layers",
}
"""What each is called, and the file here whose `show_…` draws it. Read when it is chosen: none costs another."""


def section_of(name: str) -> str:
    """What the section of a study is called."""
    return name.capitalize()
