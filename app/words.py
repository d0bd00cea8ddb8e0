"""The texts of the pages: what a student of astronomy reads. No logic."""

TITLE = "Galaxy transfer explorer"
ABOUT = (
    "How much of a network that was trained elsewhere should a galaxy classifier keep? Everything you see is "
    "computed on this computer; nothing is sent anywhere."
)
QUESTION = "How much of ImageNet should a galaxy classifier keep?"
LEAD = (
    "One network, DenseNet-121, ten classes of galaxies. Everything **below the cut** is taken over from a network "
    "trained on other pictures; everything **above** it is learned from galaxies. Move the cut and see what changes."
)

SLIDER = "The cut: share of the network taken over"
SLIDER_HELP = (
    "The paper calls this *ImageNet %*. At 0 % every layer starts from random numbers; at 100 % only the very last "
    "step, the ten class scores, is learned."
)
SWEEP_HELP = "A sweep is one set of trainings that differ in the cut only, so that they may be compared."
POLICY_HELP = (
    "What happens on each side of the cut: where the layers start from, and whether they may change."
)
RUN_HELP = "Trainings with the same cut that differ in their seed (the random start), or in another setting."

IMAGENET_HELP = "Share of the 427 layers below the cut: the row of the paper's table."
TRAINABLE_HELP = "Share of the 427 layers above the cut, 1 − cut. Under this policy it means {reading}."
BOUNDARY_HELP = "The last layer below the cut, by its name in Keras."
PARAMETERS_HELP = (
    "Share of the network's 7 million parameters that lie below the cut. Later layers are larger, so 20 % of the "
    "layers hold only 9 % of the parameters."
)
FLOPS_HELP = (
    "Share of the multiplications and additions for one image that happen below the cut. Early layers see large "
    "images, so 20 % of the layers do half of the work."
)
LEARNED_HELP = (
    "Number of values above the cut, the ten class scores included. Where the part below is frozen, this is all that "
    "is learned."
)
ACCURACY_HELP = (
    "Share of the test galaxies that are put into the right class. The range is the 95 % interval that the number "
    "of test galaxies alone would explain (bootstrap)."
)

CURVE_TITLE = "Accuracy over the share taken over"
CURVE_NOTE = (
    "Bars: 95 % interval on our test galaxies. The paper's points and reference [6] (Hui et al. 2022, DenseNet-121) "
    "were measured on 17,736 survey galaxies{other}."
)
CURVE_OTHER_DATA = (
    ", not on the galaxies of this sweep, so compare the shapes of the curves and not the heights"
)
LEARNING_TITLE = "How {name} learned"
LEARNING_NOTE = "Solid: galaxies it trained on. Dashed: validation galaxies it never trained on."
NO_HISTORY = "There is no learning curve yet: it begins with the first epoch."

TABLE_TITLE = "The table"
TABLE_NOTE = "Click a heading to sort. Each column *paper* is the paper's number for the column on its left."

CLASSES_TITLE = "One galaxy of each class, and where the network looks"
CLASSES_TEST = (
    "Galaxies of the test part of {file}, which this run was not trained on; not picked, simply the next ones. "
    "The numbered buttons show others."
)
CLASSES_MOCK = (
    "The galaxies this run was tested on are not on this computer ({file}), so these are **rendered mock galaxies**, "
    "drawn for this page. The numbered buttons show others."
)
CLASSES_TOO_EARLY = "The maps appear when this training is done."
MAP_HELP = (
    "**Class-centred** shows what speaks for this class rather than for the other nine: the one to compare networks "
    "by. **Grad-CAM** is the map of the paper, which keeps only what speaks for the class."
)
MAP_OF_HELP = "Ask the network about the class the galaxy truly has, or about the class the network chose."
SCALE_NOTE = "One colour scale for all cuts, in logits: the evidence before it becomes a probability."

UPLOAD_TITLE = "Try your own galaxy"
UPLOAD_LABEL = "An image of one galaxy, in the middle"
UPLOAD_HELP = (
    "JPEG, PNG, TIFF or WebP, up to 25 MB. It stays on this computer. It is cut to a square and scaled."
)
UPLOAD_CLASS_HELP = "One class for all networks, so that their maps may be compared."
UPLOAD_MAPS = "Evidence for **{name}** in each network of the sweep, on one colour scale."
UPLOAD_TOO_EARLY = "You can try your own image as soon as one of these trainings is done."
UPLOAD_IDLE = "Drop an image here and every network of the sweep says what it sees, and where."
UPLOAD_NOT_GALAXY = (
    "The network knows ten kinds of galaxies and nothing else: it names one of them for any image."
)

EMPTY_LEAD = (
    "There is no trained network on this computer yet. The quick experiment renders mock galaxies, trains six small "
    "networks on them, one for each cut, and fills this page while it works. It needs no network connection."
)
EMPTY_BUTTON = "Start the quick experiment"
EMPTY_TIME = "About 20 minutes on two processor cores. You can look around, close the page, and come back."
STARTING = "Starting: rendering the mock galaxies. The first curve appears within a minute or two."
DEAD_START = "The experiment ended before its first training began. Its last words were: {tail}"

LIVE_TITLE = "Training now"
STOP = "Stop"
STOP_HELP = "Ends the training after the batch under way; what it has learned up to its last epoch is kept."
STOPPING = "Stopping after this batch…"
UNFINISHED = "{n} runs of **{sweep}** were not finished; the command that started them carries on with them."
CARRY_ON = "Carry on"
DAMAGED = "Not shown: {sentence}"
STATES = {
    "queued": "waiting for its turn, no numbers yet",
    "running": "training, no test numbers yet",
    "done": "its checkpoint is not here",
    "stopped": "not finished, no test numbers",
    "failed": "failed, no test numbers",
}

NOTHING_TRAINED = "There is no trained network on this computer yet, so there is nothing to show here."
NOTHING_TRAINED_LINK = "Start the quick experiment on the first page"
RUNS_LABEL = "Networks"
RUNS_HELP = (
    "Up to six trained networks. A name ends in its cut in percent (how much was taken over) and its seed."
)
RUNS_PICK = "Choose at least {fewest} networks above."
RUNS_TOO_FEW = (
    "This page compares networks and there is only one yet. It works as soon as a second one is trained."
)
RUNS_MISSING = "Not on this computer: {names}. Others are shown."
COLOURS_HELP = (
    "Magma, viridis and cividis go evenly from dark to light and are safe for colour-blind eyes. **Blue against, "
    "orange for** also shows what speaks against the class."
)
OPACITY_HELP = "How much of the galaxy the hottest place of a map covers, where the two are superimposed."
POOL_TEST = "{n} galaxies of the test part of {file}: none of the networks shown was trained on them."
POOL_MOCK = (
    "The galaxies these networks were tested on are not on this computer ({file}), so these are **rendered mock "
    "galaxies**, drawn for this page."
)

GALLERY_TITLE = "Gallery"
GALLERY_LEAD = (
    "Galaxies no network was trained on, what each network answers, and **where it looks**: galaxy, heatmap, and "
    "both superimposed, as in the paper's Table 2."
)
GALLERY_SHOW_HELP = "The chosen cut with its answer in full, or all cuts of the sweep side by side."
GALLERY_CLASS_HELP = "Show galaxies of one true class, or of all ten."
GALLERY_ORDER_HELP = (
    "*Sure* is the probability of the answer of the network at the chosen cut. *Disputed* galaxies are those on "
    "which the cuts disagree most (Jensen-Shannon divergence of their probabilities). *Best and worst*: the true "
    "class got the largest and the smallest probability."
)
GALLERY_NONE = "There is no galaxy of this class among them. Choose another class."
GALLERY_SCALE = "One colour scale for every map on this page of the gallery, in logits."
GALLERY_DISPUTED = "the cuts disagree by {bits:.2f} bits"

PREDICT_TITLE = "What is this galaxy?"
PREDICT_LEAD = "Drop images of galaxies and ask up to six networks at once. The images stay on this computer."
PREDICT_LABEL = "Images of one galaxy each, in the middle"
PREDICT_HELP = (
    "JPEG, PNG, TIFF or WebP, up to 25 MB each, at most {most} at a time; `galaxy predict` takes any number."
)
PREDICT_IDLE = "Drop images here, or choose *a mock galaxy* to try it."
PREDICT_TOO_MANY = (
    "Only the first {most} images are shown; `galaxy predict` on the command line takes any number."
)
FIELD_LABEL = "Field of view"
FIELD_HELP = (
    "Share of the shorter side of your image that the networks are shown, always the middle. In the training images "
    "the galaxy is about a third to two thirds as wide as the picture, with sky around it: a network trained on that "
    "scale misreads another."
)
FIELD_BEFORE = "Your image; dimmed: left out"
FIELD_AFTER = "What the networks are shown, 256 px"
UNLIKE = "This does not look like the images these networks know, so do not trust the answers. {reasons}"
ANSWERS_TITLE = "What each network says"
VOTES = "**{n_votes} of {n_networks}** networks say **{name}**; they disagree by {bits:.2f} bits."
VOTES_HELP = (
    "The class with the largest mean probability. Disagreement is the Jensen-Shannon divergence: 0 bits where all "
    "give the same ten probabilities, {most:.1f} where each is sure of a class of its own."
)
MAPS_TITLE = "Where they look"
MAPS_NOTE = "Evidence for **{name}** in each network, on one colour scale."
CONSENSUS_HELP = "One class for all networks, so that their maps may be compared."
LOOK_AT = "Look at"
EVERYTHING = "All images"

COMPARE_TITLE = "Side by side"
COMPARE_LEAD = "One galaxy, two to six networks, one question: do they look at the same place?"
COMPARE_NUMBER_HELP = (
    "The galaxies of this class that none of the networks was trained on, in the order of the file."
)
COMPARE_IDLE = "Drop an image here, or choose *a test galaxy*."
WIPE_TITLE = "Wipe between two maps"
WIPE_NOTE = "Drag the line, or use the arrow keys."
LEFT_HELP = "The map to the left of the line, and the one that is taken away in the difference."
RIGHT_HELP = "The map to the right of the line."
DIFFERENCE_TITLE = "{right} minus {left}"
DIFFERENCE_NOTE = (
    "Orange: more evidence for {name} in {right}; blue: more in {left}. Always of the class-centred maps, which alone "
    "may be subtracted. Lines: outline and core of the galaxy."
)
RANKS_TITLE = "Do they rank the places alike?"
RANKS_NOTE = (
    "Rank correlation (Spearman) of the class-centred maps: 1 where two networks put all cells in the same order, 0 "
    "where one tells nothing of the other, −1 where they are opposed. Galaxies sit in the middle by construction, so "
    "some agreement comes for free."
)

TRAIN_TITLE = "Train a network"
NEW_TITLE = "A new training"
NEW_LEAD = (
    "Choose how much is taken over and how the rest is learned. It runs by itself: you may close this page, come "
    "back later, or watch from another window."
)
TRAIN_SLIDER = "The cut: share of the network taken over (the rest is the trainable fraction)"
SOURCE_HELP = (
    "The network that the layers below the cut are taken from: ImageNet, or any run that is finished."
)
NO_SOURCE_NEEDED = "With this policy and cut nothing is taken over, so no source is needed."
SOURCES = {
    "auto": "ImageNet where its weights are here or can be fetched, else the source shipped with the project.",
    "imagenet": "The ImageNet weights of Keras (29 MB), fetched once if they are not on this computer.",
}
SOURCE_RUN = "The layers that {name} learned."
PRESET_HELP = (
    "**quick** is made for a laptop: the central 96 pixels, a learning rate that falls. **paper** is the published "
    "experiment: whole images, ten epochs. Either fills in the numbers below; change any of them."
)
EPOCHS_HELP = "How often every galaxy of the training part is shown."
RATE_HELP = "How large the steps are in which the weights change. The paper uses 0.0005."
BATCH_HELP = "How many galaxies are shown before the weights change once. The paper uses 32."
SIZE_HELP = "The side of the square that the network is shown. Half the side takes a quarter of the time."
CROP_HELP = "The side of the central square that is cut out of the 256 px image before it is scaled."
SEED_HELP = (
    "Draws the random weights, the order of the galaxies and their rotations. Another seed shows the chance."
)
SCHEDULE_HELP = "**constant** keeps the learning rate; **cosine** lets it fall to zero over the epochs."
NAME_HELP = "Letters, digits, dots, dashes and underscores. Left empty, it is made of the settings."
FILE_HELP = (
    "A file in the Galaxy10 DECaLS layout. Choose one that is known here, or type the path of another and press "
    "Enter. The page Data shows what is in it."
)
FILE_PLACEHOLDER = "Choose, or type a path"
MOCK_FILE = "mock: 400 rendered galaxies"
LAYERS_HELP = (
    "Layers whose values change while it trains, of the 427 of the network; the ten class scores come on top."
)
TRAINED_HELP = "How many numbers are learned, those of the ten class scores among them."
EXAMPLES_HELP = (
    "Galaxies shown in one epoch: the training part, in which the rare classes are repeated until all ten are equally "
    "frequent (oversampling)."
)
DURATION_HELP = "All epochs and a minute for the start; good to about a factor of two. {basis}"
DEVICE = "It will run {device}. {basis}"
START = "Start training"
START_NAME = "as **{name}**. One training at a time: while another is at work, this one waits for its turn."
RENDERING = "Rendering the 400 mock galaxies, once …"
END_NOW = "End it now"
END_HELP = "Ends its process if it does not stop by itself within half a minute. The epoch under way is lost."
CARRY_ON_HELP = "Starts again after the last epoch that was finished."
LOG_TITLE = "What {name} wrote"
LOG_EMPTY = "Nothing yet: the first line comes with the first epoch."
DONE = "is done. It has no test numbers."
DONE_WITH = "is done: {accuracy} of the test galaxies right."
TO_RESULTS = "See it among the results"
UNKNOWN_RUN = "There is no run named “{name}” on this computer."
MANAGE_TITLE = "The runs on this computer"
MANAGE_EMPTY = "There is none yet. Start one above, or load one that was trained elsewhere."
DOWNLOAD = "Pack and download"
DOWNLOAD_HELP = "One file with the weights, the settings and the numbers, to be loaded on another computer."
RENAME_HELP = "Gives the run another name. Not while it is training."
DELETE_HELP = "Deletes the run with all its files, after asking. Not while it is training."
DELETE_ASK = "Delete **{name}** with its weights, numbers and log? This cannot be undone."
LOAD_TITLE = "Load a network trained elsewhere"
LOAD_LEAD = (
    "Trained on a computer with a graphics card? Bring the result here: a run that was packed, or the weights that "
    "Keras saved of the same network."
)
LOAD_LABEL = "A packed run (.zip) or Keras weights (.weights.h5)"
LOAD_HELP = (
    "Up to 200 MB. The file is only read, never executed, and refused by name where a part does not fit."
)
LOAD_KERAS = (
    "The file holds numbers only. Say how they were trained: the network is shown images as this project shows them, "
    "values 0 to 255 scaled with ImageNet's mean and deviation."
)
LOAD_BUTTON = "Load it"
LOAD_NAME = "the one it has"
LOADED = "**{name}** is loaded and can be chosen on every page."

DATA_TITLE = "The galaxies"
DATA_LEAD = "What the networks learn from, and what must be known of it before one believes their numbers."
DATA_NOT_RENDERED = (
    "The mock galaxies are rendered when the first training needs them, which takes about a minute. Choose another "
    "file, or render them now."
)
RENDER = "Render them now"
ORIGINS = {
    "mock": "rendered **mock galaxies**, drawn by this project from light profiles",
    "survey": "**real galaxies**, the published Galaxy10 DECaLS",
    "imported": "galaxies that were **imported** from elsewhere",
}
DATA_FACTS = "{n:,} {origin}. {without}"
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
SEPARATION = "Within (arcsec)"
CACHES_TITLE = "What is kept on this disk"
CACHES_LEAD = "In `{folder}`. Everything here can be made again; clearing it costs time and nothing else."
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

CLASSES_TITLE = "Which classes it finds, at {percent} %"
CLASSES_HELP = (
    "Rows are what a test galaxy is, columns what the network calls it. Right answers lie on the diagonal."
)
CLASSES_NOT_YET = "Shown when the run has finished and was tested."
COMPLETENESS_HELP = "Of the galaxies that are of this class, the share that was found (recall)."
PURITY_HELP = "Of the galaxies that were called this class, the share that is (precision)."
