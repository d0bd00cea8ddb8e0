"""The texts of the studies: what was measured, what is missing and how it is measured."""

MISSING = (
    "Not measured yet: {n} of these {n_all} runs. On the command line: `{command}`, or do it here and now."
)
MISSING_NO_DATA = (
    "Not measured yet: {n} of these {n_all} runs, and the galaxies they were tested on are not on this "
    "computer, or not all in one file ({file}). Where they are: `{command}`"
)
MISSING_TOO_MANY = (
    "Not measured yet: {n} of these {n_all} runs, and more than {most} at once are too many for a "
    "page. On the command line: `{command}`"
)
BEYOND_TEST = (
    "{names}: measured on all galaxies of a file, perhaps those of the training among them. Too good to compare with "
    "others; measure again with the file these runs were trained on."
)
OPTIONS = {"across": "Also compare across", "percent": "Compare the policies at, % below the cut"}
"""Of those options of studies that a page lets choose."""
MEASURE = "Measure now"
ALL_SCORES = "All scores as a table"
SCORE = "Score"
MEASURE_HELP = (
    "A process of its own measures it, a few minutes for six runs on two processor cores; this page may be left "
    "meanwhile. Runs of your own keep the result in their folder; of shipped runs it is kept beside them."
)
AT_WORK = "A study is being measured on this computer. This page shows its result as soon as it is there."
STOP = "Stop measuring"
OWN_CHART = "The main scores together"
