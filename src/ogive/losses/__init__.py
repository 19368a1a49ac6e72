"""The loss functions, one file per family; importing them fills the catalogue."""

from ogive.losses import classification, contrastive, labelled, lovasz, metric, overlap, probabilistic, regression, segmentation, sequences
