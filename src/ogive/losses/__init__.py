"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import (
    classification,
    contrastive,
    labelled,
    linear,
    listwise,
    lovasz,
    metric,
    overlap,
    probabilistic,
    ranking,
    ranking_measures,
    regression,
    segmentation,
    sequences,
)
