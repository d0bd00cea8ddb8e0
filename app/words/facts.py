"""The texts beside the main numbers of a run: the galaxies it learned from."""

TRAINED_ON = "Trained on {mixture} galaxies, tested on {n_test} {others}"
OTHERS = "others"
OTHERS_OF_KIND = "other {kind} ones"
