"""The activation functions, one file per family; importing them fills the catalogue."""

from ogive.activations import axiswise, exponentials, gates, rational, rectifiers, sigmoids, smooth, sparse
