"""The activation functions, one file per family; importing them fills the catalogue."""

from ogive.activations import axiswise, exponentials, gates, rectifiers, sigmoids, smooth
