"""The texts of the controls that choose runs, on every page that has them."""

SLIDER = "Move the cut: share of the layers below it"
ONE_CUT = (
    "All runs chosen here have their cut at **{percent} %**; train others, and there is a slider to move it."
)
SLIDER_HELP = (
    "In the paper, what lies below is taken over and frozen: at 100 % only the very last "
    "step, the class scores, is learned."
)
SWEEP_HELP = "A sweep is one set of trainings that differ in the cut only, so that they may be compared."
POLICY_HELP = (
    "What happens on each side of the cut: where the layers start from, and whether they may change."
)
SOURCE_HELP = (
    "The network whose layers were taken over. Only runs with the same source share a curve; a run that takes nothing "
    "over belongs to every one."
)
RUN_HELP = (
    "Trainings with the same cut that differ in their seed (the random start), in the fold of a cross-validation that "
    "they are tested on, or in another setting."
)
RUN_OF_FOLD = "{name}: fold {fold} of {n_folds}, from 0"

RUN_MISSING = "There is no run named “{name}” on this computer; another one is shown."
NOTHING_TRAINED = "There is no trained network on this computer yet, so there is nothing to show here."
NOTHING_TRAINED_LINK = "Start the quick experiment on the first page"
RUNS_LABEL = "Networks"
RUNS_HELP = "Up to six trained networks. A name ends in its cut in percent (the share of layers below it) and its seed."
RUNS_PICK = "Choose at least {fewest} networks above."
RUNS_TOO_FEW = (
    "This page compares networks and there is only one yet. It works as soon as a second one is trained."
)
RUNS_MISSING = "Not on this computer: {names}. Others are shown."
