"""ogive: the activation and loss functions of neural networks, to compute, compare, check and explore.

Every function is an entry of one catalogue, a thin callable over a NumPy ufunc:

>>> import ogive
>>> ogive.silu([-1.0, 0.0, 1.0])
array([-0.26894142,  0.        ,  0.73105858])
>>> value, slope = ogive.gelu.value_and_slope([0.0, 1.0])
>>> ogive.get("Swish") is ogive.silu
True

The same work from the command line, trained and ranked on data: ``ogive compare``.
"""

__version__ = "0.1.0.dev0"

from ogive import errors, initializers
from ogive.activations import *
from ogive.catalogue import get, names
from ogive.kernel import show_config
from ogive.losses import *

__all__ = ["__version__", "errors", "get", "initializers", "names", "show_config", *names()]


def __dir__() -> list[str]:
    return __all__
