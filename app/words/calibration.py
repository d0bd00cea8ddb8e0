"""The texts about how far single answers can be trusted, run by run."""

TITLE = "Can a single answer be trusted?"
LEAD = (
    "A network says how sure it is of each answer. Here is how often it is right where it is so sure, on galaxies it "
    "never saw, before and after its probabilities are scaled by one number, the **temperature**, that was fitted on "
    "its validation part (Guo et al. 2017)."
)
RUN_LABEL = "Reliability of"
RUN_HELP = "The run whose diagram is drawn; the tables have all of them."
GIVEN, CALIBRATED, PERFECT = "as given", "calibrated", "right as often as it is sure"
DIAGRAM_NOTE = (
    "Each point is a tenth of the test galaxies, the least sure on the left. Below the dashed line the network is too "
    "sure. Bars: 95 % interval (Wilson)."
)
DIAGRAM_IN_WORDS = "Reliability of {name}; of each bin, how sure and how often right. {series}."
VERDICT = (
    "**{name}**: its probabilities are off by **{given:.3f}** on average (95 % {given_low:.3f} to {given_high:.3f}) "
    "as given, {given_against}, and by **{after:.3f}** ({after_low:.3f} to {after_high:.3f}) calibrated with a "
    "temperature of {temperature:.2f}, {after_against}."
)
BEYOND_CHANCE = "more than chance in {n_test} test galaxies explains"
WITHIN_CHANCE = "not to be told from perfect with {n_test} test galaxies"
ERRORS_TITLE = "Calibration error, and accuracy on the real sky"
ERRORS_NOTE = (
    "A temperature above 1 means that the network was too sure; answers and accuracy stay the same. *At the survey's "
    "frequencies*: a balanced test part is not the sky, so its galaxies are weighted until the classes are as frequent "
    "as in Galaxy10 DECaLS. *With them as prior*: the network answers with these frequencies in mind, too (Saerens et "
    "al. 2002)."
)
SETS_TITLE = "Sets of classes"
SETS_NOTE = (
    "Sets of classes, chosen on {n_validation} validation galaxies so that they hold the true class as often as "
    "promised, checked on {n_test} test galaxies. The promise is an average over choices of the validation galaxies, "
    "for all classes together, and for galaxies like these."
)
ERROR_HELP = (
    "Expected calibration error: the mean distance between how sure and how often right, over bins of equally many "
    "galaxies, without what chance adds to it where a bin holds few."
)
INTERVAL_HELP = (
    "All errors that would not seldom show as much with so many test galaxies, however they are spread."
)
SURVEY_HELP = (
    "Share of right answers if the classes came as often as in the survey; in brackets 95 % at the effective number "
    "of galaxies."
)
PRIOR_HELP = "The same, where each answer is made with the survey's class frequencies as prior."
COVERED_HELP = (
    "How many of the sets that promise {promise:.0%} hold the true class; in brackets 95 % (Wilson)."
)
SIZE_HELP = "How many classes such a set has on average: the fewer, the more it says."
