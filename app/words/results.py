"""The texts of the first page: the cut, what it did to the accuracy, the maps, one upload."""

TO_OWN = "Or begin with galaxies of your own"
QUESTION = "How much should a galaxy classifier take over?"
TO_PREDICT = "Classify my galaxy"
LEAD = (
    "Networks that name the shape of a galaxy and show where they looked. Each is cut in two: what lies **below the "
    "cut** is taken over from a network trained on other pictures, what lies **above** it is learned from galaxies."
)
GLANCE = "The network ({taken}) says {name}, {share} sure: {verdict}."
VERDICTS = {True: "it is", False: "it is not"}
GLANCE_NOTE = "Bright: what speaks for it. The last of the ten galaxies below, not picked."

BELOW_HELP = "Share of the layers below the cut: the row of the paper's table."
TAKEN_HELP = "Share of the layers that started from {source}."
TRAINABLE_HELP = "Share of the layers above the cut, 1 − cut. Under this policy it means {reading}."
BOUNDARY_HELP = "The last layer below the cut, by its name in Keras."
LEARNED_HELP = (
    "Number of values above the cut, the class scores included. Where the part below is frozen, this is all that "
    "is learned."
)
ACCURACY_HELP = (
    "Share of the test galaxies that are put into the right class. The range is the 95 % interval that the number "
    "of test galaxies alone would explain (Wilson)."
)

IN_FOLDS_HELP = (
    "The recipe of this row trained anew in every fold, so that each galaxy is tested once, by a network that never "
    "saw it. The range is the 95 % interval over the galaxies. The network shown here is another training by the same "
    "recipe, with a test part of its own."
)

CURVE_TITLE = "Accuracy over the cut"
CURVE_NOTE = (
    "Bars: 95 % interval on our test galaxies. The paper's points and reference [6] (Hui et al. 2022, DenseNet-121) "
    "are of the whole survey set of 17,736 galaxies, a part of them for the test{other}."
)
CURVE_OTHER_DATA = (
    ", not on the galaxies of this sweep, so compare the shapes of the curves and not the heights"
)
ALL_ROWS = "every policy and source of this sweep"
ALL_ROWS_HELP = "Draws a curve for each of them, and lists all in the table; none mixes two."
LEARNING_TITLE = "How {name} learned"
LEARNING_NOTE = "Solid: galaxies it trained on. Dashed: validation galaxies it never trained on."
NO_HISTORY = "There is no learning curve yet: it begins with the first epoch."

TABLE_TITLE = "The table"
TABLE_NOTE = "Click a heading to sort. Each column *paper* is the paper's number for the column on its left."
NOT_PAIRED = "Not compared: {sentence}"
RIVAL_HELP = (
    "The chosen row and the best of the others, on the same galaxies: the 95 % interval of this pair alone, "
    "and McNemar's exact test, corrected for all pairs of rows. The chance in training is in it only as far as seeds "
    "are pooled."
)
IN_FOLDS = "In folds, every galaxy tested once: "
TO_EVIDENCE = "Which other rows differ by more than chance?"

GALAXIES_TITLE = "One galaxy of each class, and where the network looks"

UPLOAD_TITLE = "Try your own galaxy"
UPLOAD_TOO_EARLY = "You can try your own image as soon as one of these trainings is done."
UPLOAD_IDLE = "Drop an image here and every network of the sweep says what it sees, and where."

EMPTY_LEAD = (
    "There is no trained network on this computer yet. The quick experiment renders mock galaxies, trains six small "
    "networks on them, one for each cut, and fills this page while it works. It needs no network connection."
)
EMPTY_SHIPPED = (
    "The project's own networks, trained on real galaxies, are not here; `galaxy models fetch` gets them."
)
EMPTY_BUTTON = "Start the quick experiment"
EMPTY_TIME = "Tens of minutes on two processor cores. You can look around, close the page, and come back."
STARTING = "Starting: rendering the mock galaxies. The first curve appears within a minute or two."
DEAD_START = "The experiment ended before its first training began. Its last words were: {tail}"
TROUBLES = "{n} not finished"
UNFINISHED = "{n} runs of **{sweep}** were not finished."
DAMAGED = "Not shown: {sentence}"
TRAINED_ON = "Trained on {n_train} {kind} galaxies, tested on {n_test} others"
TRAINED_ELSEWHERE = (
    "Trained elsewhere and loaded here: nothing is known of its galaxies, and it has no test numbers"
)
NOT_POOLED = "The curve has a point for a cross-validation once all of its folds are there. {sentences}"
STATES = {
    "queued": "waiting for its turn, no numbers yet",
    "running": "training, no test numbers yet",
    "done": "its checkpoint is not here",
    "stopped": "not finished, no test numbers",
    "failed": "failed, no test numbers",
}

CLASSES_TITLE = "Which classes it finds, at {percent} %"
CLASSES_HELP = (
    "Rows are what a test galaxy is, columns what the network calls it. Right answers lie on the diagonal."
)
CLASSES_NOT_YET = "Shown when the run has finished and was tested."
CLASSES_NEVER = "This network was loaded without test numbers, so it is not known which classes it finds."
N_HELP = "Test galaxies of this class."
COMPLETENESS_HELP = "Of the galaxies that are of this class, the share that was found (recall)."
PURITY_HELP = "Of the galaxies that were called this class, the share that is (precision)."
CURVE_OTHER_CLASSES = (
    "Bars are 95 % intervals. The paper's points are left out: they are of Galaxy10's classes, "
    "and these are others."
)
