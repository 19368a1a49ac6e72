"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import classification, metric, probabilistic, regression, segmentation, sequences
