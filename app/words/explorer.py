"""The texts around all pages."""

TITLE = "Galaxy transfer explorer"
REFUSED_BY_SYSTEM = "This computer refused: {reason}."
ABOUT = (
    "How much of a network that was trained elsewhere should a galaxy classifier keep? Everything you see is "
    "computed on this computer; nothing is sent anywhere."
)
