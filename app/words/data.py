"""The texts of the page Data."""

TITLE = "The galaxies"
LEAD = "What the networks learn from, and what must be known of it before one believes their numbers."
FILE_TITLE = "What is in a file"
OWN_TITLE = "Galaxies of your own"
OWN_LEAD = (
    "Sorted into folders whose names are the classes (`spiral/a.jpg`, `elliptical/b.jpg`, …), with a `labels.csv` of "
    "the columns `file` and `label`, or as a table with pictures. You see what was understood before anything is "
    "written."
)
OWN_DROP = "Drop a zip of folders, or a Parquet file (at most 200 MB)"
OWN_DROP_HELP = (
    "A zip whose folders are the classes, or that has a labels.csv at its top; or a table whose column `image` holds "
    "the pictures and `label` their class. It stays on this computer. For more than 200 MB, type a path."
)
OWN_FOLDER = "… or a folder (at most 200 MB)"
OWN_FOLDER_HELP = (
    "Folders in it are the classes, as `spiral/1.jpg`; or `labels.csv` at its top tells the class of each picture in "
    "the columns `file` and `label`."
)
OWN_PATH = "… or type the path of a folder, a zip or a table on this computer"
OWN_PATH_EXAMPLE = "/home/me/galaxies"
OWN_PATH_HELP = (
    "A folder is read as a zip is. A table (CSV, Parquet, FITS, VOTable, ECSV) names the pictures beside it in a "
    "column `file`, `path` or `image` and has their class in `label`; `ra` and `dec` are used where they are."
)
OWN_CLASSES = "Names of the classes, in their order"
OWN_CLASSES_EXAMPLE = "as found; or for instance elliptical, merger, spiral"
OWN_CLASSES_HELP = (
    "With commas between. Needed where labels are numbers: the first is 0, the next 1, and so on. Otherwise they only "
    "give the order, which is else that of the alphabet."
)
OWN_NUMBERS = (
    "The labels are the numbers {numbers}, and nothing says what they are of. Name the classes above in their order, "
    "from 0 on."
)
OWN_LOOKING = "Looking what is in it …"
OWN_UNDERSTOOD = "Understood: **{n:,} galaxies in {n_classes} classes.**"
OWN_NAME_HELP = (
    "Letters, digits, dots, dashes and underscores. The file is called so, and lies among the runs."
)
OWN_MAKE = "Make a file of them"
OWN_BEGINS = "Looking through the pictures …"
OWN_AT_WORK = "Reading the pictures: {done:,} of {total:,}. It goes on if this page is closed."
OWN_STOP = "Stop"
OWN_ENDED = "No file was made, and nothing is left of it. The last words were: {tail}"
OWN_NOTHING = "none"
OWN_MADE = "**{name}** is made, and shown below; it is the file `{path}`"
TO_TRAIN = "Train on these galaxies"
NOT_RENDERED = (
    "The mock galaxies are rendered when the first training needs them, which takes about a minute. Choose another "
    "file, or render them now."
)
RENDER = "Render them now"
FILE_UNKNOWN = (
    "The address names the file {file}, which no run here was trained on and nobody has opened here. To open it, "
    "type its path below; a link cannot."
)
ORIGINS = {
    "mock": "rendered **mock galaxies**, drawn by this project from light profiles",
    "survey": "**real galaxies**, the published Galaxy10 DECaLS",
    "imported": "galaxies that were **imported** from elsewhere",
}
FACTS = "{n:,} {origin}. {without}"
WITHOUT_POSITION = "{n:,} of them have no known position on the sky."
COUNTS_TITLE = "How many of each class"
COUNTS_NOTE = (
    "Rare classes are repeated at random in the training part until all are as frequent as the commonest "
    "(oversampling). Test galaxies are never repeated."
)
SPLIT_TITLE = "Who is trained on, who is tested"
SPLIT_OF = "The split of"
SPLIT_OF_HELP = (
    "Each run keeps the split it was trained with; a new training divides the file anew, always alike."
)
SPLIT_NEW = "a new training"
SPLIT_NOTE = (
    "Galaxies within {separation:.0f} arcseconds of each other, the width of an image, are on the same side."
)
SPLIT_HASH = "Split `{hash}`"
SPLIT_HASH_HELP = "Two runs with the same hash were trained, validated and tested on the same galaxies."
EXAMPLES_TITLE = "Examples"
EXAMPLES_NOTE = (
    "One galaxy of each class, not picked, in the order of the file. The numbered buttons show others."
)
SKY_TITLE = "Where they are on the sky"
SKY_NONE = "None of these galaxies has a known position, so there is no map and no neighbour can be found."
SKY_NOTE = "Right ascension runs to the left, as one sees the sky from the ground."
DUPLICATES_TITLE = "The same piece of sky more than once"
DUPLICATES_NONE = "No two galaxies of this file lie within {separation:.0f} arcseconds of each other."
DUPLICATES = (
    "{n:,} groups of galaxies within {separation:.0f} arcseconds of each other, {n_different:,} of them with "
    "different labels."
)
DUPLICATES_HELP = (
    "An image is 67 arcseconds wide: closer galaxies are on each other's images. A network that trained on one "
    "would recognise the other, so a group is never divided between training and test."
)
COPIES = (
    "Galaxies without a position cannot be found so. `galaxy audit --data {file}` also compares the images themselves, "
    "and counts copies."
)
SEPARATION = "Within (arcsec)"
CACHES_TITLE = "What is kept on this disk"
CACHES_EMPTY = "Nothing is kept yet."
CACHES_LEAD = (
    "In `{folder}`. Everything here can be made, or fetched, again; clearing it costs time and nothing else."
)
CLEAR = "Clear"
CLEAR_LATER = "A training is at work and may need these; clear them when it is done."
CLEARED = "{size} freed."
FETCH_TITLE = "The real file"
FETCH_LEAD = (
    "Galaxy10 DECaLS (Leung and Bovy): 17,736 galaxies, 2.5 GB, from Zenodo. If you have it already, type its path "
    "above."
)
FETCH = "Fetch Galaxy10 DECaLS"
FETCH_HELP = (
    "Needs a network connection; goes on if this page is closed, and where it stopped if it was interrupted."
)
FETCH_HERE = "It is on this computer: `{path}`"
FETCH_ENDED = "The last attempt ended with: {tail}"
FETCHING = "Fetching Galaxy10 DECaLS: {size} so far."
LEAKS_TITLE = "What would leak"
LEAKS_LEAD = (
    "A copy of a test galaxy among those trained on is recognised, not classified. How much better does a classifier "
    "look for it?"
)
LABELS_ALLOW = "**What the labels allow.** {sentence}"
LEAKS_COMMAND = "On the command line: `galaxy audit --data {file}`"
LEAKS_MEASURE = "Measure what leaks in this file"
LEAKS_NOT_YET = (
    "Reads every image of the file once: a second for a few hundred galaxies, some minutes for the published file. "
    "Turn the switch or press the button."
)
LEAKS_READING = "Looking at every image"
LEAKS_CLASSIFYING = "Classifying, split by split"
LEAKS_SPLIT = "Split `{hash}` (seed {seed}): {train:,} train, {validation:,} validation, {test:,} test"
REPEAT_FIRST = "repeat rare classes before dividing, as some notebooks do"
REPEAT_FIRST_HELP = (
    "Rare classes are repeated until all are as frequent as the commonest. Done before the file is divided, it deals "
    "copies of one galaxy to training and to test. Nothing here is trained that way: the switch shows what it pretends."
)
FREQUENCIES = {"balanced": "balanced classes", "as in the survey": "classes as in the survey"}
ORDERS = {"honest": "divided first", "inflated": "repeated first"}
INFLATED = (
    "With the class frequencies of the survey, {share_copied:.0%} of the test rows have their own copy in training. "
    "The balanced accuracy rises from {honest:.0%} to {inflated:.0%}, and no network has learned anything for it."
)
DIVIDED_FIRST = (
    "Divided first, as this project does, no row stands on both sides: a balanced accuracy of {honest:.0%} "
    "({honest_low:.0%} to {honest_high:.0%} over {n_splits} splits) with the class frequencies of the survey."
)
INFLATION_NOTE = (
    "The classifier is the nearest neighbour on images of 16 px: it remembers its training galaxies whole, so this is "
    "the most that copies can add. Bars: mean over random splits, with the lowest and the highest. Balanced classes "
    "have nothing to repeat and hide the mistake."
)
PAIRS_HELP = (
    "Within 3 arcsec: one object twice. 33.5 and 67 arcsec: half an image, a whole one. Nearly identical: the same "
    "picture up to brightness and compression."
)
TWO_LABELS_HELP = "Pairs whose two galaxies were put into different classes."
APART_HELP = "Pairs with one galaxy in training and the other in test, by the split of this project."
APART_NAIVE_HELP = "The same where rows are dealt out at random, the mean of 20 such splits."
PAIRS_NOTE = "A naive split leaves neighbours on two sides; ours keeps what is near on the sky together."
