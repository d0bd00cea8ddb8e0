"""Texts of the section of Predict that shows similar galaxies."""

TITLE = "Similar galaxies"
NETWORK = "To the network"
HELP = (
    "The galaxies, and your other images, that are nearest to this one by the network's final features: the "
    "numbers from which it tells the classes apart. What is near looks alike to the network, which need not be how it "
    "looks to you."
)
FIND = "Find them"
AMONG = "Among"
PARTS = {"its training": "training", "held out": "held out", "all": "all"}
AMONG_HELP = (
    "The galaxies that it learned from; those held out from it, to check or to test it; or all of the file. A distance "
    "of 1 is how far one of them commonly is from the next."
)
IDLE = "It looks at these galaxies once, at most {most:,} of them; that may take some minutes."
LOOKING = "Looking at the galaxies"
FLATTENING = "Bringing neighbours together"
NOT_HERE = (
    "The galaxies that {name} learned from are not on this computer, so nothing can be compared with them. A network "
    "that was trained here has them."
)
OWN = "your image"
NEAREST = (
    "**{n_alike} of the {n} nearest galaxies** are labelled {label}. The nearest is at {nearest:.1f}; 1 is how far one "
    "of these galaxies commonly is from the next."
)
FAR = (
    "The nearest galaxy of the training is at {nearest:.1f}, far from all that the network has learned from."
)
AMONG_HOW_MANY = "Among {n:,} galaxies of {file} ({part})."
ALT = "Similar: {name}, at a distance of {distance:.2f}."

MAP = "Map of the features"
MAP_X, MAP_Y = "first principal component", "second principal component"
MAP_NOTE = (
    "The galaxies as the network sees them, flattened (PCA): the map shows {share:.0%} of how they differ, so two that "
    "lie together here may be apart. A step of 1 is how far a galaxy commonly is from the next one."
)
WAY = "Flattened by"
WAY_HELP = (
    "**PCA** keeps the two directions in which the galaxies differ most. **t-SNE** keeps neighbours together and lets "
    "go of everything else; it takes some seconds."
)
TSNE_NOTE = (
    "t-SNE (perplexity {perplexity:.0f}, always the same start and seed) keeps neighbours together. How far groups are "
    "apart, how large they are and where they lie means nothing."
)
CHOOSE = "Point at a galaxy to see it; draw around some, or click one, to look at them in the Gallery."
CHOSEN = "**{n} chosen.**"
CHOSEN_FIRST = "**{n} chosen**, of which the Gallery shows the first {most}."
TO_GALLERY = "Show them in the Gallery"
MAP_YOURS = "your images"
MAP_POINT = "galaxy {row}"
MAP_ALT = (
    "{n} galaxies on a flat map of the features of {name}, a colour a class, and {n_own} of your images."
)
