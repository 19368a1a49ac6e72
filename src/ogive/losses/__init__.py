"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import (
    adaptive,
    classification,
    counts,
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
