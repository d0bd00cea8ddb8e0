"""The texts about cheap answers before training, and how much they were worth."""

TITLE = "Cheap answers before training"
LEAD = (
    "What the source's features promise without training anything: galaxies are shown to the source as it is, and five "
    "simple scores say how useful what it makes of them is at each depth. Beside them, what training measured."
)
NO_SOURCE = (
    "None of the chosen networks took anything over from a source, so there is nothing to forecast. Choose a sweep "
    "with a cut above 0 %."
)
SOURCE = "Source"
SOURCE_HELP = "The network whose layers the chosen runs took over."
NOT_MEASURED = (
    "The features of **{source}** have not been scored on these galaxies yet. It takes about half a minute for a few "
    "hundred galaxies, some minutes for many thousand, and no training. Here, or on the command line:"
)
MEASURE = "Score them now"
NO_GALAXIES = "It cannot be done here: the galaxies ({file}) are not on this computer."
NO_WEIGHTS = "It cannot be done here: the weights of {source} are not on this computer."
OTHER_WEIGHTS = (
    "the weights of {source} on this computer are not those that {run} took over; restore them, or train anew from "
    "these"
)
LOOKING = "The source is looking at the galaxies"
SCORING = "Scoring each depth"
SHOWN = (
    "{source} on {data}: learned from {n_train:,} galaxies, tested on {n_test:,} others, each shown as the runs see it "
    "({crop} px at {image_size} px). Bars: 95 % intervals."
)
LEEP = (
    "LEEP of the source's own answers: {leep:.2f} (0 at best). It is one number for the whole source, so it may rank "
    "sources and not fractions."
)
NO_LEEP = "No LEEP: this source has no classes of its own to translate."
TABLE_ALT = "Scores of the source's features at each depth, and the accuracy measured after training."
NEIGHBOURS_HELP = (
    "Share of test galaxies that the vote of their 5 nearest neighbours puts into the right class."
)
PROBE_HELP = "Share that logistic regression on the features puts into the right class (linear probe)."
LOG_ME_HELP = (
    "LogME (You et al. 2021): log evidence a galaxy of a linear model on the features. Larger is better; comparable "
    "only between depths shown the same galaxies."
)
H_SCORE_HELP = "H-score (Bao et al. 2019): how far the classes lie apart against how far the features spread."
MEASURED_HELP = "Mean test accuracy of the chosen runs at this percentage, after training."
RANK_TITLE = "How well they rank the fractions"
RANK_ALT = "Rank correlation of each score with the measured accuracies, with its range and p-value."
TAU_HELP = (
    "Kendall's tau: 1 where the score puts the fractions in the order that training found, 0 where it tells nothing, "
    "−1 where it is backwards."
)
RANGE_HELP = (
    "Between what tau lies, at 95 %, as rows that the test galaxies cannot tell apart may come in either order; the "
    "forecast itself is held fixed."
)
P_HELP = "How often chance alone would rank as well or as badly, of one score; exact."
RANK_NOTE = (
    "With six rows only a tau of 0.87 and more is beyond chance at 95 %, for one score that was chosen beforehand. A "
    "forecast here is of frozen features alone; what is learned above the cut it cannot know."
)
