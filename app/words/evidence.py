"""The texts of the page Evidence: its frame and the report."""

TITLE = "Is the difference real, and can the answer be trusted?"
LEAD = (
    "A table and a heatmap are easily believed. Here both are measured on galaxies that no network was trained on, "
    "each number with its uncertainty, the unflattering ones included."
)
SECTION_HELP = (
    "Each section asks one question of the runs of this sweep; only the one that is open is computed."
)
IN_FOLDS = "In folds: every galaxy tested once"
IN_FOLDS_HELP = (
    "The same recipes trained anew in every fold, each galaxy tested by a network that never saw it. Off: the test "
    "part of the runs themselves, which has fewer galaxies."
)
NOT_IN_FOLDS = "Not asked in folds, and not shown here: {names}."

REPORT = "Make the report"
REPORT_HELP = (
    "One HTML file of all finished runs of this sweep: table, differences, curves, maps, scores, settings, citations. "
    "It loads nothing, so it can be attached to a paper. Takes up to a minute."
)
REPORT_READING = "Reading the galaxies …"
REPORT_TABLES = "Tables and curves …"
REPORT_LOOKING = "Networks that look at ten galaxies: {n} of {n_networks} …"
REPORT_WITHOUT = "The galaxies that these runs were tested on are not one file on this computer."
REPORT_UNREADABLE = "The galaxies of these runs cannot be read: {reason}."
REPORT_LEFT_OUT = "Not in the report: {sentences}"
