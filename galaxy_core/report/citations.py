"""Whom the numbers of a report rest on. Addresses are given as DOI, in words: the report loads and links nothing."""

from collections.abc import Iterable

from galaxy_core.report.markup import Section, element, joined
from galaxy_core.results.paper import PAPER, REFERENCE_6_CITATION

_ALWAYS = (
    f"{PAPER}. The experiment, and the paper's numbers in this report.",
    f"{REFERENCE_6_CITATION}.",
    "Leung & Bovy, Galaxy10 DECaLS, Zenodo, doi:10.5281/zenodo.10845026. The classes, and for real galaxies the data.",
    "Lintott et al. 2008, Galaxy Zoo: morphologies derived from visual inspection of galaxies from the Sloan Digital "
    "Sky Survey, MNRAS 389, 1179.",
    "Walmsley et al. 2022, Galaxy Zoo DECaLS: detailed visual morphology measurements from volunteers and deep "
    "learning for 314 000 galaxies, MNRAS 509, 3966. The labels.",
    "Dey et al. 2019, Overview of the DESI Legacy Imaging Surveys, AJ 157, 168. The images.",
    "Huang et al. 2017, Densely connected convolutional networks, CVPR. DenseNet-121.",
    "Yosinski et al. 2014, How transferable are features in deep neural networks?, NeurIPS 27. The policies.",
    "Wu & Johnson 2021, Rethinking “Batch” in BatchNorm, arXiv:2105.07576. Re-estimated statistics.",
)
_IMAGENET = "Russakovsky et al. 2015, ImageNet large scale visual recognition challenge, IJCV 115, 211."
_METHODS = {
    "wilson": "Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22, 209.",
    "efron": "Efron 1979, Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1.",
    "korn": "Korn & Graubard 1998, Confidence intervals for proportions with small expected number of positive counts "
    "estimated from survey data, Survey Methodology 24, 193.",
    "bonett": "Bonett & Price 2012, Adjusted Wald confidence interval for a difference of binomial proportions based "
    "on paired data, Journal of Educational and Behavioral Statistics 37, 479.",
    "mcnemar": "McNemar 1947, Note on the sampling error of the difference between correlated proportions or "
    "percentages, Psychometrika 12, 153.",
    "holm": "Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, "
    "65.",
    "connor": "Connor 1987, Sample size for testing differences in proportions for the paired-sample design, "
    "Biometrics 43, 207.",
    "zhou": "Zhou et al. 2016, Learning deep features for discriminative localization, CVPR.",
    "selvaraju": "Selvaraju et al. 2017, Grad-CAM: visual explanations from deep networks via gradient-based "
    "localization, ICCV.",
    "wang": "Wang et al. 2020, Score-CAM: score-weighted visual explanations for convolutional neural networks, CVPR "
    "Workshops.",
    "zhang": "Zhang et al. 2018, Top-down neural attention by excitation backprop, IJCV 126, 1084.",
    "geirhos": "Geirhos et al. 2019, ImageNet-trained CNNs are biased towards texture, ICLR.",
    "petsiuk": "Petsiuk et al. 2018, RISE: randomized input sampling for explanation of black-box models, BMVC.",
    "rong": "Rong et al. 2022, A consistent and efficient evaluation strategy for attribution methods, ICML.",
    "chattopadhay": "Chattopadhay et al. 2018, Grad-CAM++: generalized gradient-based visual explanations for deep "
    "convolutional networks, WACV.",
    "adebayo": "Adebayo et al. 2018, Sanity checks for saliency maps, NeurIPS 31.",
    "guo": "Guo et al. 2017, On calibration of modern neural networks, ICML.",
    "sadinle": "Sadinle et al. 2019, Least ambiguous set-valued classifiers with bounded error levels, JASA 114, 223.",
    "saerens": "Saerens et al. 2002, Adjusting the outputs of a classifier to new a priori probabilities, Neural "
    "Computation 14, 21.",
    "kornblith": "Kornblith et al. 2019, Similarity of neural network representations revisited, ICML.",
    "you": "You et al. 2021, LogME: practical assessment of pre-trained models for transfer learning, ICML.",
    "bao": "Bao et al. 2019, An information-theoretic approach to transferability in task transfer learning, ICIP.",
    "nguyen": "Nguyen et al. 2020, LEEP: a new measure to evaluate transferability of learned representations, ICML.",
    "kendall": "Kendall 1945, The treatment of ties in ranking problems, Biometrika 33, 239.",
}


def citations_section(cited: Iterable[str], *, uses_imagenet: bool) -> Section:
    """The paper, the data, and the sources of the methods whose keys are given, each once."""
    methods = [_METHODS[key] for key in dict.fromkeys(cited)]
    every = [*_ALWAYS, *([_IMAGENET] if uses_imagenet else []), *methods]
    body = element("ol", *(element("li", one) for one in every), class_="citations")
    return Section("citations", "Citations", joined([body]))
