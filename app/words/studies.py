"""The texts of the studies of maps: focus, agreement, elements, cues, faithfulness."""

READING = "Opening the galaxies …"
RENDERING = "Rendering galaxies …"
MEASURING = "Measuring …"
MISSING = (
    "Of {n} of these {n_all} runs this has not been measured yet. On the command line: `{command}`, or do it here "
    "and now."
)
MISSING_NO_DATA = (
    "Of {n} of these {n_all} runs this has not been measured yet, and the galaxies they were tested on are not on this "
    "computer, or not all in one file ({file}). Where they are: `{command}`"
)
MISSING_TOO_MANY = (
    "Of {n} of these {n_all} runs this has not been measured yet, and more than {most} at once are too many for a "
    "page. On the command line: `{command}`"
)
BEYOND_TEST = (
    "{names}: measured on all galaxies of a file, perhaps those of the training among them. Too good to compare with "
    "others; measure again with the file these runs were trained on."
)
MEASURE = "Measure now"
MEASURE_HELP = (
    "It takes a few minutes, faithfulness some ten for six runs on two processor cores. Any other click on this page "
    "ends it. Runs of your own keep the result in their folder; of shipped runs, which are never changed, it is kept "
    "until you close this window."
)
BUSY = "Something else is being measured on this computer just now; press the button again when it is done."
ALL_SCORES = "All scores as a table"
SCORE = "Score"
OF_RUNS = "Row of runs"
VERDICTS = {
    "confirmed": ":material/check_circle: **confirmed**",
    "refuted": ":material/cancel: **refuted**",
    "undecided": ":material/help: **undecided**",
}
VERDICT_OF_SEVERAL = "{verdict} by {n} of {n_all}"
INTERVALS = "Bars: 95 % interval over galaxies (studentised bootstrap, Efron 1982; of a share Wilson's)."

FOCUS_TITLE = "Is the heat on the galaxy?"
FOCUS_LEAD = (
    "The paper judges its heatmaps by eye. Here they are scored against a mask of the galaxy that is made from the "
    "image alone, within what each network sees. A galaxy is centred by construction, so any central blob scores well: "
    "the grey lines are what a **centred Gaussian** and the **brightness itself** would score."
)
FOCUS_SCORES = {
    "energy_galaxy": (
        "heat on the galaxy",
        "Share of the heat within the outline of the central galaxy (energy-based pointing game, Wang et al. 2020).",
    ),
    "energy_neighbours": (
        "heat on neighbours and stars",
        "Share of the heat on whatever else was detected in the image (after Wang et al. 2020).",
    ),
    "energy_sky": (
        "heat on empty sky",
        "Share of the heat where nothing was detected (after Wang et al. 2020).",
    ),
    "pointing": (
        "hottest pixel on the galaxy",
        "Share of the maps whose hottest pixel lies within half a cell of the galaxy (pointing game, Zhang et al. "
        "2018).",
    ),
    "area_log2": (
        "area of the heat over that of the galaxy, log2",
        "0 fits, 1 is twice as large, −1 half: the paper's “too wide”. Area above half of the hottest pixel.",
    ),
    "offset_arcsec": (
        "offset of the heat, arcsec",
        "From the centroid of the heat to the centre of light of the galaxy.",
    ),
    "offset_radii": (
        "offset of the heat, galaxy radii",
        "The same in radii of a circle of the galaxy's area.",
    ),
    "blank": (
        "blank maps",
        "Share of the maps without any evidence for the predicted class: Grad-CAM shows nothing there (Selvaraju et "
        "al. 2017).",
    ),
    "shift_slope": (
        "heat follows a shift",
        "The galaxy is moved by a cell and a half of the map: 1 where the heat goes with it, 0 where it stays.",
    ),
}
FOCUS_NULLS = {"gaussian": "a centred Gaussian", "brightness": "the brightness itself"}
FOCUS_PAPER = "What the paper says of each percentage, held against these scores"
FOCUS_CLAIM = "- **{percent} %**, “{sentence}”: {verdict}. *It holds if {criterion}.*"
FOCUS_CLAIM_NOTE = (
    "The paper gives no numbers, so the conditions are ours. Confirmed: the whole 95 % interval satisfies them; "
    "refuted: it breaks one; undecided: too few galaxies to tell, as fewer than twenty always are."
)
FOCUS_NO_CLAIM = (
    "The paper has no sentence about these runs: they follow another policy, or their maps are class-centred."
)
FOCUS_NOT_MOVED = "No galaxy was moved in this study; `galaxy study focus` moves 50 unless told otherwise."
FOCUS_ON = (
    "Maps: {maps}; {n} galaxies, of which {n_undetected} without a detection in their middle are left out of all but "
    "*blank maps*."
)

AGREEMENT_TITLE = "Do the maps of two runs agree, and how much of a difference is noise?"
AGREEMENT_LEAD = (
    "Rank correlation (Spearman) of the class-centred maps of each two runs, for the true class, averaged over the "
    "test galaxies they share: 1 where they rank all places alike, 0 where one tells nothing of the other. Two runs "
    "that differ by their **seed alone** do not draw the same maps either: what they disagree in is noise."
)
AGREEMENT_ONE = "Agreement takes two finished runs or more; this sweep has one."
AGREEMENT_CAPTION = "Rank correlation of the maps of {n} runs, each with each, on {n_galaxies} galaxies."
AGREEMENT_NO_SEEDS = (
    "No row of this sweep was trained with two seeds; `galaxy reproduce --seeds 2` trains each row with two."
)
AGREEMENT_SEEDS = "One row, two seeds"
AGREEMENT_NOISE_HELP = (
    "Mean over pairs of runs that differ by their seed alone: all that it lacks to 1 is noise."
)
AGREEMENT_BETWEEN_HELP = "Mean over pairs of runs that differ in their setting."
AGREEMENT_DIFFERENCE_HELP = (
    "The second minus the first, on the same galaxies. Near 0, all disagreement is noise."
)

ELEMENTS_TITLE = "Which element of a galaxy does it look at?"
ELEMENTS_LEAD = (
    "Mock galaxies know where their bulge, bar, arms and companion are. Share of the heat on an element over its share "
    "of the area: 1 where the map has no preference. Grey: the same of the **brightness** at the map's cells, since a "
    "bulge is bright. Class-centred maps of the true class."
)
ELEMENT = "Element"
ELEMENT_CLASS = "Galaxies"
ELEMENT_NONE = "No galaxy of this class has that element; choose another."
ELEMENTS_NOTE = (
    "Rendered for this question and never trained on. A map of 8 × 8 cells is coarser than a bar, which is why the "
    "brightness at the same cells stands beside it. {intervals} Enrichment after the energy-based pointing game "
    "(Wang et al. 2020); whether it carries over to real galaxies is not known."
)
BAR_TITLE = "Does “barred” look at the bar?"
BAR_LINE = (
    "- **{run}**: {value} times as much heat on the bar of a barred spiral as its area would have. It prefers the bar: "
    "{preference}. More than the light of the bar explains: {beyond}."
)

CUES_TITLE = "Contours and shapes, or advanced features?"
CUES_LEAD = (
    "The paper holds that {thesis}. Each run is asked about its own test galaxies without their **fine texture** "
    "(smoothed within edges, Tomasi & Manduchi 1998), without their **colour** (grey), and without their **outline** "
    "(4 × 4 patches shuffled, after Geirhos et al. 2019 and Brendel & Bethge 2019)."
)
CUES_WHOLE = "whole images"
CUES_WITHOUT = {
    "texture": "without fine texture",
    "colour": "without colour",
    "outline": "without outline",
}
CUES_NOTE = (
    "Share of the test galaxies that are put into the right class. {intervals} A run that is seldom right has little "
    "to lose."
)
CUES_THESIS = (
    "The paper's thesis, “{thesis}”: {verdict} on this row of runs. Lost without the outline minus lost without "
    "texture: {little} at 20 and 40 %, {much} at 80 and 100 %; difference {difference}."
)
CUES_CRITERION = (
    "*It holds if {criterion}.* The paper measures neither, so the condition is ours; the interval of the difference "
    "is wider than it need be (Zou & Donner 2008), since runs that answered the same galaxies err together."
)
CUES_NO_THESIS = (
    "The paper's thesis, “{thesis}”, needs a finished run at 20 or 40 % and one at 80 or 100 % of a policy that the "
    "paper could have meant."
)

FAITHFULNESS_TITLE = "Does the network rely on what its map points at?"
FAITHFULNESS_LEAD = (
    "The hot pixels are taken away, or shown alone, and the probability of the answer is watched. Grey: what a "
    "**random map** of the same cells scores. And the check that a map shows the network rather than the image: it "
    "must change when weights are drawn anew."
)
FAITHFUL_SCORES = {
    "deletion": (
        "deletion",
        "Area under the probability while the hottest pixels turn to sky noise; **low** is faithful (Petsiuk et al. "
        "2018).",
    ),
    "insertion": (
        "insertion",
        "Area under the probability while the hottest pixels appear on sky; **high** is faithful (Petsiuk et al. "
        "2018).",
    ),
    "road": (
        "ROAD",
        "Probability left without the coldest pixels minus that without the hottest, the gaps filled by interpolation; "
        "**high** is faithful (Rong et al. 2022).",
    ),
    "average_drop": (
        "average drop",
        "Share of the probability that is lost when the hot part is shown alone; **low** is faithful (Chattopadhay et "
        "al. 2018).",
    ),
    "head": (
        "correlation once the head is drawn anew",
        "Rank correlation of the maps before and after: **near 0** they show the network (Adebayo et al. 2018).",
    ),
    "last block": (
        "correlation once the last block is drawn anew",
        "The same with the last dense block drawn anew as well (Adebayo et al. 2018).",
    ),
}
FAITHFUL_NULL = "a random map"
FAITHFUL_VERDICT = "- **{percent} %**{layer}: more faithful than a random map: {verdict}."
FAITHFUL_LAYER = " at `{layer}`"
FAITHFUL_LAST_ONLY = (
    "At the last feature map. An earlier layer (LayerCAM, Jiang et al. 2021) takes gradients, which this server does "
    "not load. For runs of your own `{command}` does it, and it will stand here beside the last."
)
FAITHFUL_NOTE = "On {n} test galaxies of each run. {intervals}"
