"""The texts about what stayed and what changed in a network, layer by layer."""

TITLE = "What stayed, what changed"
LEAD = (
    "Two networks are shown the same galaxies, and what they make of them is compared layer by layer: **1** where one "
    "could be turned into the other by rotating and scaling, **0** where they have nothing in common (linear CKA)."
)
NONE = (
    "None of the chosen networks says which galaxies it learned from, so there is nothing to show them. Choose a run "
    "that was trained on this computer."
)
FIRST = "Network"
FIRST_HELP = (
    "The rows of the picture. Both networks are shown the galaxies this one was trained and tested on."
)
SECOND = "Against"
SECOND_HELP = (
    "The columns of the picture: another of the networks, or the source that the layers were taken from."
)
ALONE = "There is nothing to compare it with: choose a second network above."
NOT_MEASURED = (
    "**{first}** and **{second}** have not been compared yet. It takes about ten seconds a network for a few hundred "
    "galaxies. Here, or on the command line:"
)
MEASURE = "Compare their layers"
NO_GALAXIES = "It cannot be done here: the galaxies ({file}) are not on this computer."
LOOKING = "{name} is looking at the galaxies"
MATRIX_NOTE = (
    "Each row a layer of {first}, each column one of {second}, with how many of the 427 layers lie at or below it. The "
    "outlined cells compare a layer with itself."
)
DIAGONAL_NOTE = (
    "The outlined cells over the depth of the network. Dashed: the cut of each run; left of it layers were taken "
    "over."
)
SOURCE_TITLE = "Each run against its source"
SOURCE_NOTE = (
    "Each row a run, each column a layer compared with the same layer of **{source}**. Left of the white line the "
    "layers were taken over."
)
SOURCE_NOT_MEASURED = "{n} of {n_all} chosen runs have not been compared with **{source}** yet."
SOURCE_MEASURE = "Compare every run with its source"
SOURCE_NO_WEIGHTS = "The weights of {source} are not on this computer, so no run can be compared with it."
N_IMAGES = "Unbiased linear CKA on {n:,} galaxies, features averaged over the image; at most 2,000 galaxies are drawn."
