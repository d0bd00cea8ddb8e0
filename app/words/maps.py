"""The texts about maps and the galaxies they are drawn for, on every page that shows them."""

SAMPLE_TEST = (
    "Galaxies of the test part of {file}, which this run was not trained on; not picked, simply the next ones. "
    "The numbered buttons show others."
)
SAMPLE_MOCK = (
    "The galaxies this run was tested on are not on this computer ({file}), so these are **rendered mock galaxies**, "
    "drawn for this page. The numbered buttons show others."
)
TOO_EARLY = "The maps appear when this training is done."
MAP_HELP = (
    "**Class-centred** shows what speaks for this class rather than for the other nine: the one to compare networks "
    "by. **Grad-CAM** keeps only what speaks for the class. **Grad-CAM of the predicted class** is that of each "
    "network's answer, as in the paper's Table 2, whatever is chosen under *Evidence for*."
)
MAP_OF_HELP = "Ask the network about the class the galaxy truly has, or about the class the network chose."
SCALE_HELP = (
    "Which maps share one scale of colours. **This map**: each has its own, so that even weak evidence is seen, and a "
    "weak map looks as hot as a strong one. **This galaxy**: the maps of all cuts or networks of a galaxy share one, "
    "so that they may be compared. **This page**: all maps share one, and where a few are strong, the others look "
    "blank."
)
FULL_COLOUR = "full colour at {logits:.2g} logits"
UPLOAD_CLASS_HELP = "One class for all networks, so that their maps may be compared."
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
LOGITS_HELP = (
    "Logits are the scores before they become probabilities. A map is the part each place has in one of them: its "
    "mean over all places, and a constant of the class, make the score. Two more logits for one class than for another "
    "make it about seven times as probable."
)
MAPS_TITLE = "Where they look"
MAPS_NOTE = "Evidence for **{name}** in each network."
OWN_ANSWERS = "the class it predicts"
SKY_LINK = "on the sky"
CONSENSUS_HELP = "One class for all networks, so that their maps may be compared."
DOUBTED = "not to be believed ({name})"
NO_MOCKS = (
    "The galaxies of {name} ({file}) are not here, and mock galaxies are of Galaxy10's classes, not of those it tells "
    "apart; put the file back."
)
