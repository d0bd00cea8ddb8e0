"""The texts of correcting a label, wherever a galaxy is shown."""

LABEL = "Correct"
CHOICE = "Its class"
CHOICE_HELP = (
    "Kept as what somebody said of it; the file stays as it is. A training that is asked to (the page Train, or "
    "`--corrections`) learns it where the galaxy is in its training part: those that one split or fold tests on are "
    "trained on in another."
)
RIGHT = "is right"
DOUBTFUL = "is doubtful"
ANOTHER = "is {name}"
NOTE = "Note"
NOTE_EXAMPLE = "two nuclei, a tail to the north"
KEEP = "Keep"
KEPT = {
    "doubtful": "Marked as **doubtful**.",
    "another class": "Corrected to **{name}**.",
    "right": "Looked at: its class is right.",
}
KEPT_NOTE = " “{note}”"
BESIDE = "Kept beside the galaxies, in `{path}`."
OWN_PLACE = (
    "The folder of the galaxies cannot be written: kept for this user, in `{path}`. Others do not see it."
)
IMAGES = "Kept by the content of the image, in `{path}`; the image itself is not."
COUNTED = "Corrections of this file: {counts}."
TAKE = "Read corrections back in"
TAKE_LABEL = "A CSV of corrections"
TAKE_HELP = (
    "As this page writes it: the columns row and verdict, class for another class, and note and made where there are "
    "any. All of its lines are taken, each where it was made later than what is kept of its galaxy, or none is."
)
TAKE_BUTTON = "Take them"
TRAIN = "Learn the corrections: {counts}"
TRAIN_HELP = (
    "Corrected labels take the place of those of the file and doubtful galaxies are left out, in the training part "
    "only; validation and test stay as they are."
)
