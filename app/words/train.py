"""The texts of the page Train."""

LIVE_TITLE = "Training now"
STOP = "Stop"
STOP_HELP = "Ends the training after the batch under way; what it has learned up to its last epoch is kept."
STOPPING = "Stopping after this batch…"
CARRY_ON = "Carry on"
NO_TIME_YET = "How long it takes is known after its first batches."

TITLE = "Train a network"
NEW_TITLE = "A new training"
NEW_LEAD = (
    "Choose how much is taken over and how the rest is learned. It runs by itself: you may close this page, come "
    "back later, or watch from another window."
)
SLIDER = "The cut: share of the layers below it (the rest is the trainable fraction)"
NETWORK_HELP = (
    "The backbone that is cut: DenseNet-121 is the paper's; the EfficientNets are smaller or stronger. Every one ends "
    "in global average pooling and one dense layer, so its maps are of the same kind."
)
SOURCE_HELP = (
    "The network that the layers below the cut are taken from: ImageNet, or any run that is finished."
)
NO_SOURCE_NEEDED = "With this policy and cut nothing is taken over, so no source is needed."
SOURCES = {
    "auto": "ImageNet where its weights are here or can be fetched, else the source shipped with the project.",
    "imagenet": "Weights trained on ImageNet: of Keras, fetched once, or of an installed package.",
}
SOURCE_RUN = "The layers that {name} learned."
PRESET_HELP = (
    "**quick** is made for a laptop: whole images at 192 pixels, few epochs, a learning rate that falls. **paper** is "
    "the published experiment: 256 pixels, ten epochs. **thorough** is for a classifier to be used: 224 pixels, "
    "galaxies shown mirrored and larger or smaller, mock galaxies in the first epochs. Each fills in the numbers "
    "below; change any of them."
)
EPOCHS_HELP = "How often every galaxy of the training part is shown."
RATE_HELP = "How large the steps are in which the weights change. The paper uses 0.0005."
BATCH_HELP = "How many galaxies are shown before the weights change once."
SIZE_HELP = (
    "The side of the square that the network is shown. Half the side takes a quarter of the time; below 192 px its "
    "maps have fewer than 6 × 6 cells, too coarse to say where it looks."
)
CROP_HELP = (
    "The side of the central square that is cut out of the 256 px image before it is scaled. The network never sees "
    "more, and its maps are of that square."
)
SEED_HELP = (
    "Draws the random weights, the order of the galaxies and their rotations. Another seed shows the chance."
)
SCHEDULE_HELP = "**constant** keeps the learning rate; **cosine** lets it fall to zero over the epochs."
NAME_HELP = "Letters, digits, dots, dashes and underscores. Left empty, it is made of the settings."
FILE_HELP = (
    "A file in the Galaxy10 DECaLS layout. Choose one that is known here, or type the path of another and press "
    "Enter. The page Data shows what is in it, and makes one of "
    "[galaxies of your own](data#galaxies-of-your-own)."
)
FILE_PLACEHOLDER = "Choose, or type a path"
MOCK_FILE = "mock: 400 rendered galaxies"
LAYERS_HELP = (
    "Layers whose values change while it trains, of all of the network; the class scores come on top."
)
TRAINED_HELP = "How many numbers are learned, those of the class scores among them."
EXAMPLES_HELP = (
    "Galaxies shown in one epoch: the training part, in which the rare classes are repeated until all are equally "
    "frequent (oversampling)."
)
DURATION_HELP = "All epochs and a minute for the start; good to about a factor of two. {basis}"
DEVICE = "It will run {device}. {basis}"
START = "Start training"
START_NAME = "as **{name}**. One training at a time: while another is at work, this one waits for its turn."
RENDERING = "Rendering the 400 mock galaxies, once …"
STARTING = "Starting …"
STARTED = "**{name}** is under way: it is watched at the top of this page."
NO_SOURCE = (
    "There is no source of weights here: those of ImageNet are not on this computer and cannot be fetched, and none is "
    "shipped. Choose a finished run as the source, or the policy scratch, which needs none."
)
END_NOW = "End it now"
END_HELP = "Ends its process if it does not stop by itself within half a minute. The last two minutes at most are lost."
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
    "Keras or PyTorch saved of one of these networks, as a classifier or as a source to start from."
)
LOAD_LABEL = "A packed run (.zip), or weights (.weights.h5, .h5, .keras, .safetensors, .pth)"
LOAD_HELP = (
    "Up to 200 MB. The file is only read, never executed, and refused by name where a part does not fit."
)
LOAD_WEIGHTS = (
    "The file holds little more than numbers. What it does not say is taken by a default, which is told afterwards in "
    "one line; say otherwise here."
)
KIND_HELP = (
    "A **classifier** answers with the dense layer in the file. Of a **source** the layers below are what a training "
    "starts from; a dense layer in the file is left out."
)
BACKBONE_HELP = "Whose weights they are; the shapes of the kernels tell it."
BY_SHAPES = "as the shapes tell"
SCALING_HELP = (
    "What was made of the values 0 to 255 of an image before the network saw them. A wrong one does not fail: the "
    "network then answers like guessing. Choose the labelled galaxies below, and it is tried on them."
)
BY_FORMAT = "as the file says, else as its ImageNet weights"
ORDERS = {
    "default": "that of the galaxies below, else Galaxy10's",
    "galaxy10": "Galaxy10's",
    "galaxy10-sorted": "Galaxy10's, sorted by name as folders are read",
}
ORDER_HELP = "What each output of its dense layer stands for."
NAMES = "spiral, elliptical, merger"
NAMES_HELP = "Classes of your own, one for each output, in order, with commas between."
READING = "Reading it …"
TAKEN_AS = "Taken as {what}."
DOUBT = "The scaling looks wrong: {what}."
LOAD_BUTTON = "Load it"
LOAD_NAME = "the one it has"
LEFT_OUT = "Left out, since only training needs it: {what}."
LOADED = "**{name}** is loaded and can be chosen on every page."
