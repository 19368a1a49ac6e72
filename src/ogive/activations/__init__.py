"""The activation functions, one file per family: elementwise, and along an axis."""

from ogive.activations.axiswise import *
from ogive.activations.exponentials import *
from ogive.activations.rectifiers import *
from ogive.activations.sigmoids import *
from ogive.activations.smooth import *
