"""The texts of the page Predict."""

TITLE = "What is this galaxy?"
LEAD = "Drop images of galaxies and ask up to six networks at once. The images stay on this computer."
IMAGES_HELP = (
    "Your own images; a galaxy of the file the networks were tested on, where it is here, which none of them was "
    "trained on; or a galaxy that this page renders."
)
CLASS_HELP = "What is rendered: each of the ten classes has its own light profile."
NUMBER_HELP = (
    "Which of the rendered galaxies of this class: each has another size, tilt and place on the sky."
)
LABEL = "Images of one galaxy each, in the middle"
HELP = (
    "JPEG, PNG, TIFF or WebP, up to 25 MB each, at most {most} at a time; `galaxy predict` takes any number."
)
IDLE = "Drop images here, or choose another kind above to try it."
TOO_MANY = "Only the first {most} images are shown; `galaxy predict` on the command line takes any number."
ANSWERS_TITLE = "What each network says"
VOTES = "**{n_votes} of {n_networks}** networks say **{name}**; they disagree by {bits:.2f} bits."
VOTES_HELP = (
    "The class with the largest mean probability. Disagreement is the Jensen-Shannon divergence: 0 bits where all "
    "give the same ten probabilities, {most:.1f} where each is sure of a class of its own."
)
LOOK_AT = "Look at"
EVERYTHING = "All images"
