"""Regenerates coefficients.hpp: `python kernels/fit.py > kernels/coefficients.hpp` (needs mpmath).

Every polynomial interpolates its function at Chebyshev nodes, which is within a small factor of the best
polynomial of that degree (Muller, Elementary Functions, chapter 3). The degrees are the smallest ones whose error
is well below half a unit in the last place of the type.
"""

from collections.abc import Callable

from mpmath import atanh, cos, erfc, exp, expm1, log, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 60


def interpolate(function: Callable[[mpf], mpf], low: mpf, high: mpf, degree: int) -> list[mpf]:
    """Monomial coefficients, constant first, of the polynomial through `degree + 1` Chebyshev nodes."""
    angles = [pi * (2 * i + 1) / (2 * degree + 2) for i in range(degree + 1)]
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(angle) for angle in angles]
    powers = matrix([[node**i for i in range(degree + 1)] for node in nodes])
    return list(lu_solve(powers, matrix([function(node) for node in nodes])))


def worst(function: Callable[[mpf], mpf], low: mpf, high: mpf, coefficients: list[mpf]) -> mpf:
    """Largest error on a fine grid."""
    grid = [low + (high - low) * (i + mpf(1) / 3) / 400 for i in range(400)]
    return max(abs(sum(c * x**i for i, c in enumerate(coefficients)) - function(x)) for x in grid)


def exp_tail(r: mpf) -> mpf:
    """exp(r) = 1 + r + r^2 * exp_tail(r)."""
    return (expm1(r) - r) / r**2 if abs(r) > mpf("1e-25") else mpf(1) / 2


def atanh_tail(w: mpf) -> mpf:
    """2 atanh(s) = 2 s + s w * atanh_tail(w) with w = s^2."""
    return 2 * (atanh(sqrt(w)) / sqrt(w) - 1) / w if w > mpf("1e-25") else mpf(2) / 3


def log1p_tail(e: mpf) -> mpf:
    """log(1 + e) = e - e^2 / 2 + e^3 * log1p_tail(e - centre)."""
    e = e + LOG1P_CENTRE
    return (log(1 + e) - e + e**2 / 2) / e**3 if abs(e) > mpf("1e-15") else mpf(1) / 3


# The centres are multiples of 1/32 for which float rounds the leading coefficients least.
LOG1P_CENTRE = 0.6875
MILLS_CENTRE = 4.09375


def mills(y: mpf) -> mpf:
    """(5/4 + t) * Phi(-t) * exp(t^2 / 2), t = centre (1 + y) / (1 - y): Shepherd and Laframboise's map of the half-line."""
    t = MILLS_CENTRE * (1 + y) / (1 - y)
    return (mpf(5) / 4 + t) * exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2


def mapped(t: float) -> mpf:
    return (mpf(t) - MILLS_CENTRE) / (mpf(t) + MILLS_CENTRE)


HALF_LOG_2 = log(mpf(2)) / 2 * mpf("1.001")
EXP = (exp_tail, -HALF_LOG_2, HALF_LOG_2)
ATANH = (atanh_tail, mpf(0), mpf(1) / 9)
LOG1P = (log1p_tail, mpf(-LOG1P_CENTRE), mpf(1 - LOG1P_CENTRE))
# The tables of each type: name -> (function, low, high), degree. Wide is double arithmetic for float results.
FITS = {
    "float": {"exp_tail": (EXP, 4), "log1p_tail": (LOG1P, 9), "mills": ((mills, mpf(-1), mapped(15)), 10)},
    "Wide": {"exp_tail": (EXP, 4), "atanh_tail": (ATANH, 4), "mills": ((mills, mpf(-1), mapped(15)), 10)},
    "double": {"exp_tail": (EXP, 10), "atanh_tail": (ATANH, 9), "mills": ((mills, mpf(-1), mapped(39)), 23)},
}


def main() -> None:
    print("// Written by fit.py: change it there. Constant term first.\n#pragma once\n")
    print('#include "wide.hpp"\n\nnamespace OGIVE_SET {\n\ntemplate <class T> struct Coefficients;')
    for kind, tables in FITS.items():
        stored, digits = ("float", 9) if kind == "float" else ("double", 18)
        print(f"\ntemplate <> struct Coefficients<{kind}> {{")
        print(f"    static constexpr {stored} log1p_centre = {LOG1P_CENTRE}, mills_centre = {MILLS_CENTRE};")
        for name, ((function, low, high), degree) in tables.items():
            found = interpolate(function, low, high, degree)
            error = mp.nstr(log(worst(function, low, high, found), 2), 4)
            print(f"    // {name}: worst error 2^{error}")
            print(f"    static constexpr {stored} {name}[] = {{")
            for coefficient in found:
                print(f"        {mp.nstr(coefficient, digits)}{'f' if stored == 'float' else ''},")
            print("    };")
        print("};")
    print("\n}  // namespace OGIVE_SET")


if __name__ == "__main__":
    main()
