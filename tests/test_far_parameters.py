"""Parameters at the ends of their domains: finite inputs give numbers, and where the exact answer is a float it has its digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracle
import pytest
import samples

import ogive

ENDS = (-1e300, -1e6, -100.0, 1e-300, 100.0, 1000.0, 1e6, 1e300)
SCALARS = [
    (entry, given, parameter)
    for entry, given in samples.TERMS
    for parameter in entry.parameters
    if not (parameter.whole or parameter.switch or isinstance(parameter.default, tuple))
]


@pytest.mark.parametrize(("entry", "given", "parameter"), SCALARS, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_parameter_makes_nan_of_numbers(entry: Any, given: str, parameter: Any, dtype: Any) -> None:
    arrays, named = samples.arguments(entry.forms[given], (50,), dtype, seed=3), samples.named(entry, given)
    for end in {max(parameter.low, ENDS[0]), min(parameter.high, ENDS[-1]), *ENDS}:
        if parameter.low <= end <= parameter.high:
            value, gradient = entry.value_and_gradient(*arrays, **named | {parameter.name: end})
            assert not np.isnan(value), end
            assert not any(np.isnan(each).any() for each in (gradient if isinstance(gradient, tuple) else (gradient,))), end


RNG = np.random.default_rng(0)
FAR = np.concatenate([10 ** RNG.uniform(-300, 300, 40) * RNG.choice([-1, 1], 40), RNG.normal(size=40) * RNG.choice([0.01, 1, 10, 100], 40)])
BESIDE = [np.zeros(80)]
WIDE = [np.exp(RNG.normal(size=80) * RNG.choice([0.1, 1.0, 100.0], 80)), np.zeros(80)]
AMOUNTS = [RNG.exponential(size=80) * RNG.choice([0.0, 1.0, 1e3], 80)]
MEANS = np.exp(RNG.normal(size=80) * RNG.choice([0.1, 1.0, 5.0, 50.0], 80))
CASES: list[tuple[str, str, list[Any], dict[str, float]]] = [
    *(("arctan_pinball", "prediction", [FAR, *BESIDE], {"quantile": q}) for q in (0.0, 1e-300, 1e-17, 0.3, 1 - 2.0**-53, 1.0)),
    *(("student_t_nll", "prediction", [FAR, *WIDE], {"degrees_of_freedom": v}) for v in (1.0, 3.0, 100.0, 1e8, 1e300)),
    *(
        ("general_robust", "prediction", [FAR, *BESIDE], {"alpha": a})
        for a in (-1000.0, -30.0, -3.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 1.5, 2.0, 3.0, 30.0, 1000.0)
    ),
    *(("tweedie", "means", [MEANS, *AMOUNTS], {"power": p}) for p in (0.0, 1.5, 3.0, 10.0, 30.0, 1000.0)),
]


@pytest.mark.parametrize(("name", "given", "arrays", "parameters"), CASES, ids=lambda value: "" if isinstance(value, list) else str(value))
def test_far_out_every_digit_is_there(name: str, given: str, arrays: list[Any], parameters: dict[str, float]) -> None:
    """In float64, by 10 ulp, a term also beside log(scale) or a power, where its parts cancel; what is beyond every float is infinite."""
    if name == "tweedie" and ogive.kernel.config()["kernels"] == "definitions":
        pytest.skip("in the definitions its two powers cancel")
    entry = ogive.get(name)
    term, form = entry.forms[given], {"given": given} if len(entry.forms) > 1 else {}
    value = entry(*arrays, reduction="none", **form, **parameters)
    gradient = entry.gradient(*arrays, reduction="sum", **form, **parameters)
    slope = gradient[0] if isinstance(gradient, tuple) else gradient
    for i in range(len(value)):
        point = {each.name: float(array[i]) for each, array in zip(term.inputs, arrays, strict=True)}
        point |= {each.name: each.default for each in entry.parameters} | parameters
        true = oracle.truth(term.exact, (term.inputs[0].name,), order=1, **point)
        at_target = point | {term.inputs[0].name: point["target"]}
        perfect = oracle.truth(term.exact, (term.inputs[0].name,), order=1, **at_target)[0] if point["target"] or name != "tweedie" else 0
        for got, exact, beside in ((value[i], true[0], perfect), (slope[i], true[1], 0)):
            if abs(exact) > np.finfo(np.float64).max:
                assert got == (np.inf if exact > 0 else -np.inf)
            else:
                assert oracle.ulps(got, exact, np.float64, abs(beside)) <= 10, point
