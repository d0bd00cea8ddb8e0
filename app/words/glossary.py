"""What the words of the pages mean, in the order in which one meets them."""

TITLE = "What the words mean"
LEAD = "The words that the pages use without explaining them each time, in the order in which one meets them."
WORDS = {
    "cut": (
        "The place at which a network is divided: *20 %* means that 20 % of its layers lie below. The paper calls this "
        "share *ImageNet %*; one minus it is its *trainable fraction*."
    ),
    "taken over": (
        "Layers that start from the values that another network, the *source*, has learned on other pictures, and not "
        "from random numbers."
    ),
    "frozen": "Layers whose values do not change while the network learns from galaxies.",
    "source": "The network that layers are taken over from: one trained on ImageNet, or any other that is here.",
    "policy": (
        "What happens on each side of the cut. *transfer_frozen*: taken over and frozen below, random above, as in the "
        "paper. *freeze_prefix*: all taken over, frozen below; at 0 % nothing is frozen. *transfer_tuned*: taken over "
        "below, random above, all of it learns. *random_frozen*: random and frozen below. *scratch*: all is random and "
        "learns."
    ),
    "run": "One training: its settings, its weights, its numbers, in one folder.",
    "row": (
        "One line of the table: a cut under a policy. Its runs differ in nothing but the seed (the random start) or "
        "the fold."
    ),
    "sweep": "Runs that differ in the cut alone, so that they may be compared; the paper's table is one of six.",
    "fold": (
        "One of several parts into which the galaxies are divided, each tested once by a run that was trained on the "
        "others: a *cross-validation*."
    ),
    "95 % interval": (
        "From such numbers of galaxies the true value lies inside 95 times out of 100. The interval of a difference is "
        "of its pair alone."
    ),
    "distinguishable": (
        "The difference is more than chance, when all pairs that were looked at are considered (Holm's correction). "
        "*Not distinguishable* does not mean equal."
    ),
    "loss": "Cross-entropy: the surprise at the true class, in nats. Lower is better; guessing among ten has 2.3.",
    "logits": (
        "The scores of the classes before they become probabilities. Two more for one class than for another make it "
        "about seven times as probable."
    ),
    "class activation map": (
        "Which places of the image speak for a class: the part that each has in the logit. *Class-centred*: for this "
        "class rather than for the others; *Grad-CAM*: the map of the paper."
    ),
    "calibrated": "Of galaxies that a calibrated network is 70 % sure of, it has about 70 % right.",
    "set": "Instead of one class several, which hold the true one as often as was promised, say 90 times in 100.",
    "LEEP, LogME": (
        "Guesses, before any training, of how well a source will serve, from what it makes of the galaxies. On "
        "Evidence, under Transferability."
    ),
    "CKA": (
        "Centred kernel alignment: how alike two networks' layers arrange the same images, 1 for alike up to turning "
        "and scaling. On Evidence, under Similarity."
    ),
    "mock galaxy": "A galaxy that this project draws from light profiles, since its class is then known for certain.",
    "bits": (
        "How far networks disagree (Jensen-Shannon divergence): 0 where they say the same, 1 for two that are each "
        "sure of a class of its own."
    ),
}
