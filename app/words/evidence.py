"""The texts of the page Evidence: its frame, the differences between rows, the policies, the report."""

TITLE = "Is the difference real, and can the answer be trusted?"
LEAD = (
    "A table and a heatmap are easily believed. Here both are measured on galaxies that no network was trained on, "
    "each number with its uncertainty, the unflattering ones included."
)
SECTION_HELP = (
    "Each section asks one question of the runs of this sweep; only the one that is open is computed."
)

DIFFERENCE_TITLE = "Which rows differ by more than chance"
DIFFERENCE_LEAD = (
    "Two rows answered the same galaxies, so they are compared galaxy by galaxy: what counts are those that only one "
    "of them has right."
)
FIRST_ROW, SECOND_ROW = "One row", "and another"
FIRST_ROW_HELP = "At first the row that is right most often."
SECOND_ROW_HELP = "At first the next best one."
PAIR_FACTS = (
    "{first} minus {second}: {low} to {high} points at 95 %. {only_first} galaxies are right in the first only, "
    "{only_second} in the second only. p = {p_value:.2g}; {p_corrected:.2g} once corrected for {n_pairs} {pairs}."
)
PAIR_DRAWS = " Over the {n} seeds or folds that both have, the difference runs from {low} to {high} points."
ONE_ROW = "A difference needs two tested rows and this sweep has {n}. It is shown as soon as a second one is finished."
MATRIX_TITLE = "Every row against every other"
MATRIX_HELP = (
    "Row minus column, in percentage points of test accuracy. Blue: the row is ahead; orange: the column is. Grey: "
    "not distinguishable, which does not mean equal."
)
MATRIX_TOO_LARGE = "{n} rows are too many for one picture; the table below has all pairs."
PAIRS_TITLE = "All pairs"
DIFFERENCE_COLUMN_HELP = "Accuracy of the row named first in the order of the table, minus the other's."
P_HELP = "How often chance alone would make a difference as large, were the two rows equally good; of this pair alone."
P_CORRECTED_HELP = "The same once all pairs of this table were looked at (Holm). Below 0.05: distinguishable."
ONLY_HELP = "Galaxies that only this row of the two has right; with several seeds their shares are added up."
LEARNING_TITLE = "How all rows learned"
LEARNING_NOTE = (
    "Validation accuracy, one line a run. Where a line still rises at its end, the run was stopped while it learned: a "
    "difference between two such rows may be one of speed."
)
NO_HISTORY = "None of these runs kept its learning curve."

POLICIES_LEAD = (
    "The paper's words fit more than one way of training. Here every policy that was trained on the galaxies of this "
    "sweep has its curve."
)
POLICY_FROM = "**{policy}** from the sweep {sweep} ({recipes})"
RECIPE = "{epochs} epochs, {image_size} px"
POLICIES_UNLIKE = (
    "These policies were not all trained by one recipe ({unlike}), so a difference between them may be one of the "
    "recipe: of such pairs the table names that in place of a winner."
)
POLICIES_AT = "Compare the policies at"
POLICIES_AT_HELP = (
    "The cut that all are compared at, where two policies or more have it. To *scratch* the cut means nothing, so it "
    "is compared at every one."
)
POLICIES_APART = "**At {percent} %, {n} of {n_pairs} pairs of policies can be told apart on these galaxies.**"
POLICIES_NOT_APART = (
    "**At {percent} %, not one of {n_pairs} pairs of policies can be told apart on these galaxies.**"
)
POLICIES_NO_PAIR = (
    "No two policies were tested on these galaxies at the same cut, so there is nothing to compare yet."
)
POLICIES_MISSING = (
    "Not trained on these galaxies yet: {names}. These commands train what is missing, by this recipe:"
)
POLICIES_COMPLETE = "All five policies were trained on these galaxies."

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
