"""The texts of the page Predict."""

TITLE = "What is this galaxy?"
LEAD = (
    "Drop images of galaxies, or name a place on the sky, and ask up to six networks at once. Your images stay on this "
    "computer."
)
IMAGES_HELP = (
    "Your own images; a folder or a catalogue of any number of them on this computer; a place on the sky, whose "
    "picture the Legacy Surveys are asked for; a galaxy of the file the networks were tested on, where it is here, "
    "which none of them was trained on; or a galaxy that this page renders."
)
CLASS_HELP = "What is rendered: each of the ten classes has its own light profile."
NUMBER_HELP = (
    "Which of the rendered galaxies of this class: each has another size, tilt and place on the sky."
)
LABEL = "Images of one galaxy each, in the middle"
HELP = (
    "JPEG, PNG, TIFF, WebP, BMP, GIF, AVIF, JPEG 2000 or FITS, up to 25 MB each, {most} at once; `galaxy predict` "
    "takes any number."
)
PLACE_LABEL = "Right ascension and declination, or a name"
PLACE_EXAMPLE = "184.95 12.3, 12:19:48 +12:18:00 or M 61"
PLACE_HELP = (
    "Degrees, or hours and degrees in sixtieths, or the name of an object, which Sesame (CDS) is asked for. The place "
    "goes to these services, and nothing else does."
)
PLACE_BUTTON = "Get its picture"
PLACE_IDLE = (
    "Type a place and press the button: the cutout service of the DESI Legacy Imaging Surveys is asked for its "
    "picture, 256 px of the layer that Galaxy10 was made of."
)
PLACE_WAIT = "Asking for the place …"
PLACE_FOUND = "{name}: {ra:.5f}, {dec:+.5f} degrees, layer {layer}."
SCALE_LABEL = "Scale"
SCALE_HELP = "0.262 as most training images; 0.524 as those of the largest galaxies."
VIEWER = "the survey's viewer there"
SAMPLE = (
    "Below, a **sample** until your own picture is here: a galaxy that none of these networks was trained on."
)
SAMPLE_MOCK = "Below, a **sample** until your own picture is here: a mock galaxy, drawn by this project."
TOO_MANY = "Only the first {most} images are shown; `galaxy predict` on the command line takes any number."
ANSWERS_TITLE = "What each network says"
ONE_VOTE = "It says **{name}**."
VOTES = "**{n_votes} of {n_networks}** networks say **{name}**; they disagree by {bits:.2f} bits."
VOTES_HELP = (
    "The class with the largest mean probability. Disagreement is the Jensen-Shannon divergence: 0 bits where all "
    "give the same probabilities, {most:.1f} where each is sure of a class of its own."
)
DOUBTED = "not to be believed"
NOT_BELIEVED = "No class is named: what is said of this image is not to be believed, as the warning has it."
NOT_COUNTED = "Not counted, since the image is strange to it: {names}."
DOUBTED_LABEL = "What would be said all the same"
LOOK_AT = "Look at"
EVERYTHING = "All images"
SET_COLUMN, STRANGE_COLUMN = "{name}: set", "{name}: known galaxies as unusual"
STRANGE_HELP = (
    "Share of held-out galaxies whose answer is as unusual as this one or more: 96 % is an ordinary image, 5 % or less "
    "is a warning."
)

TRUST_TITLE = "Can you trust these answers?"
COVERAGE_LABEL = "Coverage, %"
COVERAGE_HELP = (
    "Instead of one class, a set of classes that holds the true one as often as you ask: the more often, the larger "
    "the sets. Measured on galaxies that the network did not learn from."
)
SKY_LABEL = "as on the real sky"
SKY_HELP = (
    "A balanced training set is not the sky: in Galaxy10 DECaLS the commonest class has eight times as many galaxies "
    "as the rarest. This weighs the probabilities with these frequencies (Saerens et al. 2002)."
)
NETWORK, SAYS, SET, AS_STRANGE = "network", "says", "set", "known galaxies as unusual"
GIVEN, CALIBRATED, SKY = "as given", "calibrated", "as on the real sky"
BELIEVED_CALIBRATED = (
    "Scaled so that, of galaxies it is 70 % sure of, a network should be right about 70 % of the time; how well that "
    "holds is measured on the page Evidence."
)
BELIEVED_SKY = (
    "With the class frequencies of Galaxy10 DECaLS as prior; calibrated where the network is. The sets are not changed "
    "by it: their promise is for galaxies in the mixture that the networks learned from."
)
BELIEVED_IN_WORDS = "Probabilities from each network, {kind}; the largest of each: {said}."
SKY_UNKNOWN = "Left out, since nothing says how often they were shown each class: {names}."
SETS_NOTE = (
    "Such sets hold the true class of {coverage:.0%} of galaxies like those the networks learned from, all classes "
    "together. *Known galaxies as unusual*: of how many held-out galaxies a network is as unusually sure or unsure, so "
    "that much is ordinary, and 5 % or less a warning. That goes by its "
    "answer alone, and a good part of all images that are no galaxies pass: look at the image, too."
)
STRANGE = (
    "This image is strange to {networks}, so do not believe what is said of it: a galaxy of the kind a network learned "
    "from is called strange at most once in twenty."
)
NO_SUCH_SETS = "Calibrated without sets of this coverage: {names}."
STRANGE_ONE = "{name} ({share} of held-out galaxies are as strange)"
NOT_CALIBRATED = (
    "Nothing is known yet of how far to trust {names}: `galaxy study calibration {runs} --data FILE` measures it "
    "on the galaxies of the FILE they were trained on."
)
NOT_CALIBRATED_SHIPPED = (
    "Nothing is known of how far to trust {names}: shipped without a calibration, and never changed."
)
OTHER_CLASSES = (
    "These networks tell different classes apart, so each stands with its own, and they have no answer together. Trust "
    "and maps are of those chosen here."
)
GROUP_LABEL = "Networks of the same classes"
NOT_TOGETHER = "other classes"
