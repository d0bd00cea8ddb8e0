"""The texts of what trains and shows the whole table of the paper."""

WHAT = "What is trained"
ONE, ALL = "One network", "Reproduce the table"
WHAT_HELP = (
    "**One network** is one row: a cut, a policy, a seed. **Reproduce the table** is the paper's experiment: six rows "
    "by one recipe, on request with several seeds, folds and policies."
)
LEAD = (
    "The paper's Table 1 on your galaxies: 0, 20, 40, 60, 80 and 100 % taken over, each trained and tested alike. It "
    "runs by itself; stopped, it carries on where it was."
)
POLICIES = "Policies"
SEEDS_HELP = (
    "How often each row is trained, each time from other random weights: three show how much is chance."
)
FOLDS = "Folds"
FOLDS_HELP = (
    "1 is a single split. With 5, each row is trained five times, and every galaxy is tested once: the way to an "
    "answer with few galaxies."
)
MOCKS_HELP = "Rendered galaxies added to the training part of each row, never to validation or test."
NAME_HELP = "The rows are called by it, as first-020-s0: letters, digits, dots, dashes and underscores."
WORKERS = "Where it runs"
HERE = "this computer, one after the other"
AT_ONCE = "this computer, {n} at once"
WORKERS_HELP = (
    "Several at once share the cores of this computer: quicker on several graphics cards, hardly on a processor. A "
    "cluster is listed where `galaxy explore --workers` named it."
)
TRAININGS_HELP = "Six rows, times the policies, the seeds and the folds."
DURATION_HELP = "One after the other on this computer; good to a factor of two or so. {basis}"
ELSEWHERE = "The time is that of one training after the other here; it will run on {workers}. {basis}"
NO_POLICY = "no policy is chosen; choose at least one, transfer_frozen is the paper's"
START = "Start the table"
START_NAME = "as **{name}**. Trainings of this computer take turns."
STARTING = "**{name}** is starting. {last}"
DEAD = "**{name}** ended before its first training began. Its last words were: {last}"
AT_WORK = "**{name}**: {done} of {n} trained. {where}"
OF_A_ROW = "{done} of {n} trained; {sentence}"
UNFINISHED = (
    ":material/pause_circle: **{name}**: {done} of {n} trained, the rest is not at work and takes {time}."
)
SOME_TIME = "a time that is not known"
LAST_WORDS = "Its last words were: {last}"
TAKEN = "a table named {name} is here already; carry on with it above, or choose another name"
CARRY_ON_HELP = "Trains what is left of it, where the form below says; what is trained stays."
TO_TABLE = "Reproduce the table on your galaxies, with seeds and folds"

SOURCES_TITLE = "The paper, the documents and the source"
SOURCES = (
    "- **The paper**: X. Fu, *Transferability exploration of weight based on ImageNet for galaxy classification*.\n"
    "- **Its reference [6]**: Hui et al. 2022, DenseNet-121 on Galaxy10 DECaLS.\n"
    "- **The galaxies**: Leung & Bovy, [Galaxy10 DECaLS](https://doi.org/10.5281/zenodo.10845026).\n"
    "- **The documents** of this project: `docs/paper.md`, the paper claim by claim; `docs/results.md`, all that was "
    "measured; `docs/science.md`, how; `make docs` makes pages of them."
)
SOURCE = (
    "The source of this explorer is in `{path}`. In these tables each number has the command that shows it."
)
