"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import (
    adaptive,
    classification,
    contrastive,
    counts,
    labelled,
    likelihoods,
    lovasz,
    metric,
    overlap,
    probabilistic,
    quantiles,
    redescending,
    regression,
    relative,
    robust,
    segmentation,
    sequences,
    similarity,
)
