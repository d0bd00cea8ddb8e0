"""The texts of the page Compare."""

TITLE = "Side by side"
LEAD = "One galaxy, two to six networks, one question: do they look at the same place?"
GALAXY_HELP = (
    "Of the galaxies that none of the chosen networks was trained on, or an image from your own computer."
)
NUMBER_HELP = "The galaxies of this class that none of the networks was trained on, in the order of the file."
IDLE = "Drop an image here, or choose *a test galaxy*."
WIPE_TITLE = "Wipe between two maps"
WIPE_NOTE = "Drag the line, or use the arrow keys."
LEFT_HELP = "The map to the left of the line, and the one that is taken away in the difference."
RIGHT_HELP = "The map to the right of the line."
DIFFERENCE_TITLE = "{right} minus {left}"
DIFFERENCE_NOTE = (
    "Orange: more evidence for {name} in {right}; blue: more in {left}. Always of the class-centred maps, which alone "
    "may be subtracted. Lines: outline and core of the galaxy."
)
RANKS_TITLE = "Do they rank the places alike?"
RANKS_NOTE = (
    "Rank correlation (Spearman) of the class-centred maps: 1 where two networks put all cells in the same order, 0 "
    "where one tells nothing of the other, −1 where they are opposed. Galaxies sit in the middle by construction, so "
    "some agreement comes for free."
)
TOO_COARSE_TO_RANK = "Fewer than two of these networks have maps fine enough to be ranked place by place."
OTHER_CLASSES = (
    "These networks tell different classes apart: a map for a class of the one has no counterpart in the other. Choose "
    "networks of the same classes."
)
