"""The texts of the choice of a file of galaxies."""

TYPED = "… or type the path of another file on this computer"
EXAMPLE = "/home/me/Galaxy10_DECals.h5"
TYPED_HELP = (
    "A file in the Galaxy10 DECaLS layout. What is wrong with it is said while you type; once it can be opened it is "
    "chosen above, on every page, and remembered for this browser."
)
WRONG = ":material/error: {wrong}"
OPENED = "{n:,} galaxies in {n_classes} classes: chosen above."
FOLDER = (
    "{path} is a folder, and a file in the Galaxy10 layout is asked for; the page Data makes one of pictures"
)
NOTHING = "there is no file {path}: {parent} has no {name}"
FORGET = "Forget this file"
FORGET_HELP = "It stays where it is, and is not in your list any more."
