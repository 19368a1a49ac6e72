"""The loss functions, one file per family."""

from ogive.losses.classification import *
from ogive.losses.probabilistic import *
from ogive.losses.regression import *
