"""The sections of the page Evidence, each of which shows a study."""

FORMER = {"Before training": "Transferability", "Layers": "Similarity"}
"""What sections were called when older addresses were written, and what they are now."""


def section_of(name: str) -> str:
    """What the section of a study is called."""
    return name.capitalize()
