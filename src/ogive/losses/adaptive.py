"""One robust loss with a parameter for its shape, which holds many others."""

from __future__ import annotations

import math
from typing import Any

from ogive.loss import loss
from ogive.losses.residuals import PAIR, sign
from ogive.parameter import Parameter

# With r the error over the scale, b = |α - 2| and q = r²/b: ρ = b/α ((1 + q)^(α/2) - 1). Everything follows from b log(1 + q), which goes
# to r² as b grows, and from (1 + q)^½ where that has to be raised to a power: both have all digits whatever α is.


class _Parts:
    def __init__(self, prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> None:
        self.error = prediction - target
        ratio = abs(self.error) / scale
        self.flat = alpha == 2
        self.b = xp.where(self.flat, 1.0, abs(alpha - 2))
        self.t = ratio / xp.sqrt(self.b)
        self.far = self.t > 1
        self.square = xp.where(self.far, 1.0, ratio) ** 2
        q = self.square / self.b
        whole = xp.where(q > 0, q, 1.0)
        near = self.square * xp.where(q > 0, xp.log1p(whole) / whole, 1.0)
        distant = xp.where(self.far, self.t, 1.0)
        self.logarithm = xp.where(self.far, self.b * (2 * xp.log(distant) + xp.log1p((1 / distant) ** 2)), near)  # b log(1 + q)
        self.by_root = self.b < 64  # further on the root has no digits to spare
        self.root = xp.hypot(1 + 0 * self.t, self.t)
        self.quadratic = ratio * ratio / 2
        inverse = (1 / distant) ** 2
        self.part = xp.where(self.far, 1 / (1 + inverse), xp.where(q > 0, whole / (1 + whole), 0.0))  # q / (1 + q)

    def weight(self, alpha: Any, xp: Any) -> Any:
        """(1 + q)^(α/2 - 1), by which the slope differs from that of the squared error."""
        exponent = xp.where(alpha > 2, self.logarithm, -self.logarithm) / 2
        powered = (abs(exponent) > 1) & self.by_root
        by_power = xp.where(powered, self.root, 1.0) ** (alpha - 2)
        return xp.where(self.flat, 1.0, xp.where(powered, by_power, xp.exp(exponent)))


def _slope(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    """ψ = e (1 + q)^(α/2 - 1) / scale²; far out r (1 + q)^(-1/2) is at most √b, and the other factor alone gets small."""
    parts = _Parts(prediction, target, alpha, scale, xp)
    fades = parts.far & (alpha < 2) & parts.by_root
    root = xp.where(fades, parts.root, 1.0)
    shrunk = xp.where(alpha < 0.5, root**alpha / root, root ** (alpha - 1))  # of a small alpha, alpha - 1 is rounded
    faded = sign(parts.error, xp) * xp.sqrt(parts.b * parts.part) * shrunk / scale
    return xp.where(fades, faded, parts.error / scale * parts.weight(alpha, xp) / scale)


def _hessian(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, alpha, scale, xp)
    bend = xp.where(parts.flat, 1.0, 1 + (alpha - 2) * parts.part)
    return parts.weight(alpha, xp) * bend / scale / scale


def _majorant(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    """ψ(e) / e; beyond alpha = 2 it grows with the error, and no parabola is above the loss."""
    parts = _Parts(prediction, target, alpha, scale, xp)
    return xp.where(alpha > 2, math.inf, parts.weight(alpha, xp) / scale / scale)


@loss(
    formula="((prediction - target) / scale)**2 / 2 if alpha == 2 else log1p(((prediction - target) / scale)**2 / 2) if alpha == 0"
    " else abs(alpha - 2) / alpha * ((((prediction - target) / scale)**2 / abs(alpha - 2) + 1)**(alpha / 2) - 1)",
    slope=_slope,
    hessian=_hessian,
    majorant=_majorant,
    inputs=PAIR,
    parameters=(
        Parameter("alpha", "the shape: 2 for the squared error, 1, 0, -2, … for ever less heed to outliers", default=1.0),
        Parameter("scale", "the size of error where it begins to bend, in the unit of the target", default=1.0, low=math.ulp(0.0)),
    ),
    link="identity",
    convex=False,
    robust=True,
    symmetric=True,
    aliases=("barron", "general robust loss", "adaptive robust loss", "general adaptive robust loss"),
    references=("J. T. Barron, A general and adaptive robust loss function, CVPR 2019, equation 8, arXiv:1701.03077",),
)
def general_robust(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    """Barron's loss of errors over `scale`, whose shape `alpha` goes from the squared error (2) to ever more robust ones.

    `alpha` = 1 is the pseudo-Huber loss, 0 Cauchy's, -2 Geman and McClure's, and towards -∞ it goes to Welsch's, each in these units.
    Convex from `alpha` = 1 on, robust up to there.

    Examples
    --------
    >>> for alpha in (2, 1, 0, -2, -1e9):
    ...     print(ogive.general_robust(3.0, 0.0, alpha=alpha).round(9))
    4.5
    2.16227766
    1.704748092
    1.384615385
    0.988891005
    """
    parts = _Parts(prediction, target, alpha, scale, xp)
    safe = xp.where(alpha == 0, 1.0, alpha)
    exponent = alpha / parts.b * parts.logarithm / 2
    some = xp.where(exponent == 0, 1.0, exponent)
    relative = xp.where(exponent == 0, 1.0, xp.expm1(some) / some)
    powered = (exponent > 1) & parts.by_root
    by_power = xp.where(powered, parts.root, 1.0) ** alpha - 1
    grown = xp.where(powered, by_power, xp.expm1(exponent)) * (parts.b / safe)
    bent = xp.where(abs(exponent) < 1, parts.logarithm / 2 * relative, grown)
    return xp.where(parts.flat, parts.quadratic, bent)
