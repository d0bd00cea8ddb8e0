"""The texts around all pages."""

TITLE = "Galaxy transfer explorer"
REFUSED_BY_SYSTEM = "This computer refused: {reason}."
ABOUT = (
    "How much of a network that was trained elsewhere should a galaxy classifier keep? Everything you see is "
    "computed on this computer, and no image leaves it. The one thing asked for outside is the picture of a place on "
    "the sky, when you press the button for it on the page Predict."
)
