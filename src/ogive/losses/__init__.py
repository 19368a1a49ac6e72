"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import (
    classification,
    contrastive,
    labelled,
    listwise,
    lovasz,
    metric,
    overlap,
    probabilistic,
    ranking,
    regression,
    segmentation,
    sequences,
)
