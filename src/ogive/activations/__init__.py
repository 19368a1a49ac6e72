"""The elementwise activation functions, one file per family."""

from ogive.activations.exponentials import *
from ogive.activations.rectifiers import *
from ogive.activations.sigmoids import *
from ogive.activations.smooth import *
