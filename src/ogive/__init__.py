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

from typing import Any

from ogive import activations, errors, initializers, losses
from ogive.catalogue import entries, get, names
from ogive.kernel import show_config
from ogive.peers import peer
from ogive.pictures import plot
from ogive.recipes import recipe
from ogive.smoothing import smooth_labels
from ogive.suggestion import suggest
from ogive.version import __version__

globals().update({entry.name: entry for entry in entries()})  # the functions: whatever the family files have put into the catalogue

__all__ = ["__version__", "errors", "get", "initializers", "names", "peer", "plot", "recipe", "show_config", "smooth_labels", "suggest"]
__all__ += names()


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Any entry of the catalogue; what is none may be another name of one."""
    message = f"module 'ogive' has no attribute {name!r}"
    try:
        found = get(name).name
    except errors.UnknownNameError as unknown:
        _, mean, nearest = str(unknown).partition("did you mean ")
        message += f"; {mean}{nearest}" if mean else ""
    else:
        message += f"; ogive.get({name!r}) is ogive.{found}"
    raise AttributeError(message, name=name)
