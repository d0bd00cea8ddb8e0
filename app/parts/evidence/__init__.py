"""The sections of the page Evidence: those with a drawing of their own, one file each, and every study that is kept."""

SECTIONS = {
    "Difference": "difference",
    "Policies": "policies",
    "Calibration": "calibration",
}
"""What each is called, and the file here whose `show_…` draws it. Read when it is chosen: none costs another."""

FORMER = {"Before training": "Transferability", "Layers": "Similarity"}
"""What sections were called when older addresses were written, and what they are now."""


def section_of(name: str) -> str:
    """What the section of a study is called."""
    return name.capitalize()
