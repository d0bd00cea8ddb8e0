"""The texts of the page Data."""

TITLE = "The galaxies"
LEAD = "What the networks learn from, and what must be known of it before one believes their numbers."
NOT_RENDERED = (
    "The mock galaxies are rendered when the first training needs them, which takes about a minute. Choose another "
    "file, or render them now."
)
RENDER = "Render them now"
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
