"""The texts of looking closer at pictures."""

BUTTONS = (
    ("+", 2, "Enlarge; or click a picture twice"),
    ("−", 0.5, "Make it smaller"),
    ("1:1", 0, "The whole picture; a drag moves what is enlarged"),
)
ABOUT = "These pictures, all at once: plus enlarges, minus makes smaller, arrows move, 0 shows the whole"
