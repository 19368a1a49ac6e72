"""One robust loss with a parameter for its shape, which holds many others."""

from __future__ import annotations

import math
from typing import Any

from ogive.losses.residuals import exact_error, residual_loss, sign
from ogive.parameter import Parameter
from ogive.special import two_product, two_sum

# With r the error over the scale, b = |α - 2| and q = r²/b: ρ = b/α ((1 + q)^(α/2) - 1). Everything follows from b log(1 + q), which goes
# to r² as b grows, and from (1 + q)^½ where that has to be raised to a power, which multiplies what its rounding has lost.

_MODERATE = 2.0**50  # whose square is no infinity, and beside which 1 is nothing


class _Parts:
    def __init__(self, prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> None:
        reachable = xp.isfinite((prediction - target) / scale) | ~(xp.isfinite(prediction) & xp.isfinite(target))
        # where the ratio is beyond the largest number, what it is raised to may be none
        down = xp.where(reachable, xp.ones_like(prediction), 1 / 16)
        self.up = 1 / down
        self.error, lost = exact_error(prediction * down, target * down, xp)
        self.xp, size = xp, abs(self.error)
        ratio = size / scale
        high, low = two_product(ratio, scale)
        lost_of_ratio = ((size - high) - low + xp.where(self.error < 0, -lost, lost)) / scale
        lost_of_ratio = xp.where(xp.isfinite(lost_of_ratio), lost_of_ratio, 0.0)
        self.flat = alpha == 2
        difference, lost_of_b = two_sum(alpha, -2 + 0 * alpha)
        self.b = xp.where(self.flat, 1.0, abs(difference))
        self.t = ratio / xp.sqrt(self.b)
        self.far = self.t > 1
        self.square = xp.where(self.far, 1.0, ratio) * xp.where(self.far, 1.0, ratio + 2 * lost_of_ratio)
        q = self.square / self.b
        whole = xp.where(q > 0, q, 1.0)
        near = self.square * xp.where(q > 0, xp.log1p(whole) / whole, 1.0)
        distant = xp.where(self.far, self.t, 1.0)
        rest = 2 * xp.log(self.up) + xp.log1p((1 / distant) ** 2)
        self.logarithm = xp.where(self.far, self.b * (2 * xp.log(distant) + rest), near)  # b log(1 + q)
        self.by_root = self.b < 2.0**40  # further on the root has no digits to spare
        self.root = xp.hypot(1 + 0 * self.t, self.t)
        self.lost = self._lost(ratio, lost_of_ratio, xp.where(difference < 0, -lost_of_b, lost_of_b))
        self.quadratic = (ratio * self.up) * (ratio * self.up) / 2
        inverse = (1 / distant) ** 2
        self.part = xp.where(self.far, 1 / (1 + inverse), xp.where(q > 0, whole / (1 + whole), 0.0))  # q / (1 + q)

    def _lost(self, ratio: Any, lost_of_ratio: Any, lost_of_b: Any) -> Any:
        """What the rounding of the root has lost, as a share of it."""
        xp, t, root = self.xp, self.t, self.root
        width = xp.sqrt(self.b)
        squared, rest = two_product(width, width)
        lost_of_width = ((self.b - squared) - rest + lost_of_b) / (2 * width)
        high, low = two_product(t, width)
        lost_of_t = ((ratio - high) - low + lost_of_ratio - t * lost_of_width) / width
        moderate = t < _MODERATE
        inner = xp.where(moderate, root, 1.0)
        (t_high, t_low), (high, low) = (two_product(each, each) for each in (xp.where(moderate, t, 0.0), inner))
        gap = xp.where(self.far, (t_high - high) + 1, (1 - high) + t_high) + (t_low - low) + 2 * t * lost_of_t
        share = xp.where(moderate, gap / (2 * inner * inner), lost_of_t / xp.where(moderate, 1.0, t))
        return xp.where(xp.isfinite(share), share, 0.0)

    def power(self, chosen: Any, exponent: Any) -> Any:
        """(1 + q)^(exponent / 2), where that is chosen."""
        whole = self.xp.where(chosen, self.up, 1.0) ** exponent
        return whole * self.xp.where(chosen, self.root, 1.0) ** exponent * self.xp.exp(self.xp.where(chosen, self.lost * exponent, 0.0))

    def weight(self, alpha: Any) -> Any:
        """(1 + q)^(α/2 - 1), by which the slope differs from that of the squared error."""
        xp = self.xp
        exponent = xp.where(alpha > 2, self.logarithm, -self.logarithm) / 2
        powered = (abs(exponent) > 1) & self.by_root
        return xp.where(self.flat, 1.0, xp.where(powered, self.power(powered, alpha - 2), xp.exp(exponent)))


def _slope(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    """ψ = e (1 + q)^(α/2 - 1) / scale²; far out r (1 + q)^(-1/2) is at most √b, and the other factor alone gets small."""
    parts = _Parts(prediction, target, alpha, scale, xp)
    fades = parts.far & (alpha < 2) & parts.by_root
    root = xp.where(fades, parts.root, 1.0)
    of_small_alpha = parts.power(fades, alpha) / root  # where alpha - 1 is rounded
    shrunk = xp.where(alpha < 0.5, of_small_alpha, parts.power(fades, alpha - 1))
    faded = sign(parts.error, xp) * xp.sqrt(parts.b * parts.part) * shrunk / scale
    return xp.where(fades, faded, parts.error / scale * parts.weight(alpha) / scale * parts.up)


def _hessian(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    parts = _Parts(prediction, target, alpha, scale, xp)
    bend = xp.where(parts.flat, 1.0, 1 + (alpha - 2) * parts.part)
    return parts.weight(alpha) * bend / scale / scale


def _majorant(prediction: Any, target: Any, alpha: Any, scale: Any, xp: Any) -> Any:
    """ψ(e) / e; beyond alpha = 2 it grows with the error, and no parabola is above the loss."""
    parts = _Parts(prediction, target, alpha, scale, xp)
    return xp.where(alpha > 2, math.inf, parts.weight(alpha) / scale / scale)


@residual_loss(
    formula="((prediction - target) / scale)**2 / 2 if alpha == 2 else log1p(((prediction - target) / scale)**2 / 2) if alpha == 0"
    " else abs(alpha - 2) / alpha * ((((prediction - target) / scale)**2 / abs(alpha - 2) + 1)**(alpha / 2) - 1)",
    slope=_slope,
    hessian=_hessian,
    majorant=_majorant,
    parameters=(
        Parameter("alpha", "the shape: 2 for the squared error, 1, 0, -2, … for ever less heed to outliers", default=1.0),
        Parameter("scale", "the size of error where it begins to bend, in the unit of the target", default=1.0, low=math.ulp(0.0)),
    ),
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
    grown = xp.where(powered, parts.power(powered, alpha) - 1, xp.expm1(exponent)) * (parts.b / safe)
    bent = xp.where(abs(exponent) < 1, parts.logarithm / 2 * relative, grown)
    return xp.where(parts.flat, parts.quadratic, bent)
