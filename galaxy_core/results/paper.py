"""What the paper printed, as data, so that it can stand beside ours.

Xueying Fu, "Transferability exploration of weight based on ImageNet for galaxy classification": DenseNet-121,
Galaxy10 DECaLS, one run a row, split and seeds not stated. Its 0.89 is by Hui et al. 2022, its reference [6].
"""

from dataclasses import dataclass

from galaxy_core.data.classes import GALAXY10, Classes

PAPER = "X. Fu, Transferability exploration of weight based on ImageNet for galaxy classification"
REFERENCE_6 = 0.89
REFERENCE_6_CITATION = "Hui et al. 2022 (the paper's reference [6]): DenseNet-121 on Galaxy10 DECaLS"


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's table 1; losses in nats, accuracies as shares, both to two digits as printed."""

    imagenet_percent: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


PAPER_ROWS: dict[int, PaperRow] = {
    row.imagenet_percent: row
    for row in (
        PaperRow(0, 0.62, 0.78, 0.91, 0.65),
        PaperRow(20, 0.36, 0.87, 0.60, 0.79),
        PaperRow(40, 0.42, 0.85, 0.68, 0.73),
        PaperRow(60, 0.41, 0.85, 0.66, 0.76),
        PaperRow(80, 0.63, 0.77, 0.87, 0.67),
        PaperRow(100, 1.22, 0.56, 1.26, 0.48),
    )
}


def paper_row(policy: str, imagenet_percent: int, classes: Classes = GALAXY10) -> PaperRow | None:
    """The paper's row that a run may be compared with, or None.

    `transfer_frozen` and `freeze_prefix` are the two readings of its percentage. Its 0 % took nothing from
    ImageNet: that is `scratch` (or `transfer_frozen`, the same there), while `freeze_prefix` at 0 %
    fine-tunes all of ImageNet's weights, which the paper did not do. What it printed is of Galaxy10's classes alone.
    """
    zero = imagenet_percent == 0
    comparable = ("scratch", "transfer_frozen") if zero else ("transfer_frozen", "freeze_prefix")
    return PAPER_ROWS.get(imagenet_percent) if policy in comparable and classes == GALAXY10 else None
