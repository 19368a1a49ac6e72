"""Regenerates coefficients.hpp: `python kernels/fit.py > kernels/coefficients.hpp` (needs mpmath and NumPy).

For double results a polynomial interpolates its function at Chebyshev nodes, which is within a small factor of the best
polynomial of that degree (Muller, Elementary Functions, chapter 3). For float arithmetic the rounding of the coefficients
would cost more than that, so the largest error is made small for the coefficients as they are stored. The degrees are the
smallest ones whose error is well below half a unit in the last place of the type.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from mpmath import atanh, cos, erf, erfc, exp, expm1, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 60


class Fit(NamedTuple):
    """A polynomial to be found: of which function, between which bounds, of which degree.

    `weight` turns an error of the polynomial into a relative error of what is computed from it.
    """

    function: Callable[[mpf], mpf]
    low: mpf
    high: mpf
    degree: int
    weight: Callable[[mpf], mpf] = lambda _: mpf(1)


def grid(fit: Fit, count: int) -> list[mpf]:
    """Points that lie dense at both ends, as Chebyshev nodes do."""
    angles = [pi * (2 * i + 1) / (2 * count) for i in range(count)]
    return [(fit.low + fit.high) / 2 + (fit.high - fit.low) / 2 * cos(angle) for angle in angles]


def interpolated(fit: Fit) -> list[float]:
    """Coefficients, constant first, of the polynomial through `degree + 1` Chebyshev nodes."""
    nodes = grid(fit, fit.degree + 1)
    powers = matrix([[node**i for i in range(fit.degree + 1)] for node in nodes])
    return [float(c) for c in lu_solve(powers, matrix([fit.function(node) for node in nodes]))]


def smallest_error(powers: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The coefficients that make the largest weighted error smallest, by Lawson's reweighted least squares."""
    share, best, found = np.full(len(target), 1 / len(target)), np.inf, np.zeros(powers.shape[1])
    for _ in range(200):
        scale = np.sqrt(share) * weight
        coefficients = np.linalg.lstsq(powers * scale[:, None], target * scale, rcond=None)[0]
        error = np.abs(weight * (powers @ coefficients - target))
        if error.max() < best:
            best, found = error.max(), coefficients
        share *= error / error.max() + 1e-3
        share /= share.sum()
    return found


def rounded(fit: Fit) -> list[float]:
    """Coefficients that are floats: rounded one after another, the largest term first, the others fitted to what that leaves."""
    points = grid(fit, 400)
    x, target, weight = (np.array([float(f(p)) for p in points]) for f in (lambda p: p, fit.function, fit.weight))
    powers = x[:, None] ** np.arange(fit.degree + 1)
    left, coefficients = list(range(fit.degree + 1)), np.zeros(fit.degree + 1)
    while left:
        free = smallest_error(powers[:, left], target - powers @ coefficients, weight)
        place = int(np.argmax(np.abs(free) * np.abs(powers[:, left]).max(axis=0)))
        coefficients[left.pop(place)] = float(np.float32(free[place]))
    return coefficients.tolist()


def worst(fit: Fit, coefficients: list[float]) -> mpf:
    """Largest weighted error between the nodes."""
    return max(abs(fit.weight(x) * (sum(c * x**i for i, c in enumerate(coefficients)) - fit.function(x))) for x in grid(fit, 701))


def exp_tail(r: mpf) -> mpf:
    """exp(r) = 1 + r + r^2 * exp_tail(r)."""
    return (expm1(r) - r) / r**2 if abs(r) > mpf("1e-25") else mpf(1) / 2


def gaussian_tail(r: mpf) -> mpf:
    """exp(r / 2) = 1 + r / 2 + r^2 * gaussian_tail(r)."""
    return exp_tail(r / 2) / 4


def tanh_tail(w: mpf) -> mpf:
    """tanh(h) = h + h w * tanh_tail(w) with w = h^2."""
    return (tanh(sqrt(w)) / sqrt(w) - 1) / w if w > mpf("1e-25") else -mpf(1) / 3


def atanh_tail(w: mpf) -> mpf:
    """2 atanh(s) = 2 s + s w * atanh_tail(w) with w = s^2."""
    return 2 * (atanh(sqrt(w)) / sqrt(w) - 1) / w if w > mpf("1e-25") else mpf(2) / 3


def atanh_rest(w: mpf) -> mpf:
    """atanh_tail(w) = 2 / 3 + w * atanh_rest(w)."""
    return (atanh_tail(w) - mpf(2) / 3) / w if w > mpf("1e-15") else mpf(2) / 5


def erf_tail(w: mpf) -> mpf:
    """erf(x) = x * (2 / sqrt(pi) + w * erf_tail(w)) with w = x^2."""
    first = 2 / sqrt(pi)
    return (erf(sqrt(w)) / sqrt(w) - first) / w if w > mpf("1e-25") else -first / 3


def sine_tail(w: mpf) -> mpf:
    """sin(r) = r + r w * sine_tail(w) with w = r^2."""
    return (sin(sqrt(w)) / sqrt(w) - 1) / w if w > mpf("1e-25") else -mpf(1) / 6


def cosine_tail(w: mpf) -> mpf:
    """cos(r) = 1 - w / 2 + w^2 * cosine_tail(w) with w = r^2."""
    return (cos(sqrt(w)) - 1 + w / 2) / w**2 if w > mpf("1e-15") else mpf(1) / 24


def log1p_tail(e: mpf) -> mpf:
    """log(1 + e) = e - e^2 / 2 + e^3 * log1p_tail(e - centre)."""
    e = e + LOG1P_CENTRE
    return (log(1 + e) - e + e**2 / 2) / e**3 if abs(e) > mpf("1e-15") else mpf(1) / 3


LOG1P_CENTRE = 0.6875
MILLS_CENTRE = 4.09375
# Of the multiples of 1/64 with nearly the best fit, the one for which the whole kernel's largest error is smallest.
BEND_CENTRE = 3.640625


def mills(t: mpf) -> mpf:
    """(5/4 + t) * Phi(-t) * exp(t^2 / 2), between 5/8 and 2/5."""
    return (mpf(5) / 4 + t) * exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2


def bend(t: mpf) -> mpf:
    return 2 * mills(t) - 1


def mapped(function: Callable[[mpf], mpf], centre: float, high: float) -> tuple[Callable[[mpf], mpf], mpf, mpf]:
    """The function of t in [0, high] as one of y = (t - centre) / (t + centre), Shepherd and Laframboise's map of the half-line."""
    return lambda y: function(centre * (1 + y) / (1 - y)), mpf(-1), (mpf(high) - centre) / (mpf(high) + centre)


HALF_LOG_2 = log(mpf(2)) / 2 * mpf("1.001")
EXP = (exp_tail, -HALF_LOG_2, HALF_LOG_2)
GAUSSIAN = (gaussian_tail, -2 * HALF_LOG_2, 2 * HALF_LOG_2)
TANH = (tanh_tail, mpf(0), (HALF_LOG_2 / 2 + mpf("0.0859375")) ** 2)
ATANH = (atanh_tail, mpf(0), mpf(1) / 9)
ATANH_NEAR = (atanh_tail, mpf(0), mpf("0.0404"))  # of quotients between 2/3 and 3/2
ATANH_REST = (atanh_rest, mpf(0), mpf("0.0295"))  # of mantissas between sqrt(1/2) and sqrt(2)
ERF = (erf_tail, mpf(0), mpf("0.25"))
REST = (mpf(0), mpf("0.66"))  # of an angle, squared
LOG1P = (log1p_tail, mpf(-LOG1P_CENTRE), mpf(1 - LOG1P_CENTRE))
BEND = mapped(bend, BEND_CENTRE, 14.2)
# The tables of each type: its centres, then its polynomials. Wide is double arithmetic for float results.
FITS = {
    "float": {
        "log1p_centre": LOG1P_CENTRE,
        "mills_centre": BEND_CENTRE,
        "exp_tail": Fit(*EXP, 4, lambda r: r**2 / exp(r)),
        "tanh_tail": Fit(*TANH, 2, lambda w: w),
        "gaussian_tail": Fit(*GAUSSIAN, 4, lambda r: r**2 / exp(r / 2)),
        "log1p_tail": Fit(*LOG1P, 9, lambda x: (x + LOG1P_CENTRE) ** 3 / log(1 + x + LOG1P_CENTRE)),
        "mills_bend": Fit(*BEND, 9, lambda y: 1 / (1 + BEND[0](y))),
    },
    "Wide": {
        "mills_centre": MILLS_CENTRE,
        "exp_tail": Fit(*EXP, 4),
        "atanh_tail": Fit(*ATANH, 4),
        "atanh_near": Fit(*ATANH_NEAR, 3),
        "mills": Fit(*mapped(mills, MILLS_CENTRE, 15), 10),
        "atanh_rest": Fit(*ATANH_REST, 3, lambda w: w**2),
        "erf_tail": Fit(*ERF, 4, lambda w: w),
        "sine_tail": Fit(sine_tail, *REST, 3, lambda w: w),
        "cosine_tail": Fit(cosine_tail, *REST, 3, lambda w: w**2),
    },
    "double": {
        "mills_centre": MILLS_CENTRE,
        "exp_tail": Fit(*EXP, 10),
        "atanh_tail": Fit(*ATANH, 9),
        "atanh_near": Fit(*ATANH_NEAR, 7),
        "mills": Fit(*mapped(mills, MILLS_CENTRE, 39), 23),
        "atanh_rest": Fit(*ATANH_REST, 8, lambda w: w**2),
        "erf_tail": Fit(*ERF, 9, lambda w: w),
        "sine_tail": Fit(sine_tail, *REST, 6, lambda w: w),
        "cosine_tail": Fit(cosine_tail, *REST, 6, lambda w: w**2),
    },
}


def main() -> None:
    print("// Written by fit.py: change it there. Constant term first.\n#pragma once\n")
    print('#include "wide.hpp"\n\nnamespace OGIVE_SET {\n\ntemplate <class T> struct Coefficients;')
    for kind, table in FITS.items():
        stored, digits, suffix, find = ("float", 9, "f", rounded) if kind == "float" else ("double", 18, "", interpolated)
        print(f"\ntemplate <> struct Coefficients<{kind}> {{")
        for name, entry in table.items():
            if not isinstance(entry, Fit):
                print(f"    static constexpr {stored} {name} = {entry};")
                continue
            found = find(entry)
            print(f"    // {name}: worst error 2^{mp.nstr(log(worst(entry, found), 2), 4)}")
            print(f"    static constexpr {stored} {name}[] = {{")
            for coefficient in found:
                print(f"        {mp.nstr(mpf(coefficient), digits)}{suffix},")
            print("    };")
        print("};")
    print("\n}  // namespace OGIVE_SET")


if __name__ == "__main__":
    main()
