"""The sections of the page Evidence, one file each: a core question asked once, its answer shown with its doubt."""

SECTIONS = {
    "Difference": "difference",
    "Policies": "policies",
    "Focus": "focus",
    "Elements": "elements",
    "Cues": "cues",
    "Faithfulness": "faithfulness",
    "Agreement": "agreement",
    "Calibration": "calibration",
    "Before training": "before",
    "Layers": "layers",
}
"""What each is called, and the file here whose `show_…` draws it. Read when it is chosen: none costs another."""
