"""Texts of the section of Predict that shows similar galaxies."""

TITLE = "Similar galaxies"
NETWORK = "To the network"
HELP = (
    "The galaxies it learned from, and your other images, that are nearest to this one by its final features: the "
    "numbers from which it tells the classes apart. What is near looks alike to the network, which need not be how it "
    "looks to you."
)
FIND = "Find them"
IDLE = "It looks at the galaxies of its training once, at most {most:,} of them; that may take some minutes."
LOOKING = "Looking at the galaxies of the training"
NOT_HERE = (
    "The galaxies that {name} learned from are not on this computer, so nothing can be compared with them. A network "
    "that was trained here has them."
)
OWN = "your image"
NEAREST = (
    "**{n_alike} of the {n} nearest training galaxies** are labelled {label}. The nearest is at {nearest:.1f}; 1 is "
    "how far a training galaxy commonly is from the next one."
)
FAR = (
    "The nearest galaxy of the training is at {nearest:.1f}, far from all that the network has learned from."
)
AMONG = "Among {n:,} of {all:,} galaxies of the training part of {file}."
ALT = "Similar: {name}, at a distance of {distance:.2f}."

MAP = "Map of the features"
MAP_X, MAP_Y = "first principal component", "second principal component"
MAP_NOTE = (
    "The training galaxies as the network sees them, flattened (PCA): the map shows {share:.0%} of how they differ, so "
    "two that lie together here may be apart. A step of 1 is how far a galaxy commonly is from the next one."
)
MAP_YOURS = "your images"
MAP_POINT = "galaxy {row}"
MAP_ALT = "{n} training galaxies on a flat map of the features of {name}, a colour a class, and {n_own} of your images."
