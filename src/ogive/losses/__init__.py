"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import classification, lovasz, metric, overlap, probabilistic, regression, segmentation, sequences
