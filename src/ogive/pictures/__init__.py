"""Functions to look at: curves of values and slopes, as pictures in files and notebooks, and in characters on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from ogive.pictures.drawing import Picture


def plot(
    *functions: Any,
    slope: bool = False,
    interval: tuple[float, float] | None = None,
    against: str | None = None,
    given: str | None = None,
    out: str | Path | None = None,
) -> Picture:
    """Draw functions: activations over their input, losses over prediction or margin, functions along an axis in a way that shows them.

    One function is drawn with its kinks, a loss for several targets; several functions are laid over each other. A function of one
    distribution is drawn for two classes (`entropy`), softmax and its kin against the temperature that scores are divided by,
    and what reduces a vector beside its largest element. Losses of vectors, batches, sequences and images are drawn for a small example
    of which one number moves: the cosine of a pair, the probability of the right class in a frame or a pixel.

    Parameters
    ----------
    functions : names, such as "gelu" or "elu(alpha=0.5)", or entries of the catalogue, at most 12
    slope : whether slopes are drawn too
    interval : the smallest and the largest input; chosen for the functions by default
    against : of losses "prediction" or "margin", the score of the right class above the other; of several losses the margin by default;
        of softmax and its kin "score", one of three that moves
    given : what the prediction of a loss is, where it may be several things, as in its calls
    out : a file, whose suffix (.svg, .png or .pdf) says the format; it is written whole or not at all

    Returns
    -------
    The picture, a ``matplotlib.figure.Figure``, which notebooks show. No display is needed.

    Raises
    ------
    InputError (a ValueError) for functions that no picture can hold together, and for a file that cannot be written;
    MissingExtraError (an ImportError) without matplotlib.

    Examples
    --------
    >>> import ogive
    >>> picture = ogive.plot("gelu", "silu", "mish", slope=True)  # doctest: +SKIP
    """
    from ogive.pictures import files, views

    path = None if out is None else files.checked(out)
    found = views.views(functions, slope=slope, interval=interval, against=against, given=given)
    from ogive.pictures.drawing import draw

    picture = draw(found)
    if path is not None:
        files.save(picture, path)
    return picture
