"""The texts of the page Gallery."""

TITLE = "Gallery"
LEAD = (
    "Galaxies no network was trained on, what each network answers, and **where it looks**: galaxy, heatmap, and "
    "both superimposed, as in the paper's Table 2."
)
SHOW_HELP = "The chosen cut with its answer in full, or all cuts of the sweep side by side."
CLASS_HELP = "Show galaxies of one true class, or of all ten."
ORDER_HELP = (
    "*Sure* is the probability of the answer of the network at the chosen cut. *Disputed* galaxies are those on "
    "which the cuts disagree most (Jensen-Shannon divergence of their probabilities). *Best and worst*: the true "
    "class got the largest and the smallest probability."
)
PAINT = "Maps"
NONE = "There is no galaxy of this class among them. Choose another class."
DISPUTED_HELP = (
    "Jensen-Shannon divergence of the probabilities of all cuts: 0 bits where they say the same; at most the "
    "logarithm to base 2 of the number of networks, where each is sure of a class of its own."
)
CHOSEN = (
    "Chosen on the map of features: {n} of the galaxies of {file}. The networks learned from {n_trained} of these, and "
    "what they say of those is no test."
)
CHOSEN_GONE = "The galaxies that this address names are not in the file that these networks were trained on."
SHOW_ALL = "Show the test galaxies again"
DISPUTED = "the cuts disagree by {bits:.2f} bits"
