"""The catalogue finds entries by any of their names; formulas read as LaTeX; docstrings run and say what they must."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from typing import Any

import numpy as np
import pytest

import ogive
from ogive import formula
from ogive.catalogue import entries

every_entry = pytest.mark.parametrize("entry", list(entries()), ids=lambda entry: entry.name)


@every_entry
def test_found_by_every_name(entry: Any) -> None:
    for name in (entry.name, *entry.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-"), name.title().replace(" ", "").replace("_", "")):
            assert ogive.get(spelling) is entry
            assert ogive.get(spelling, kind=entry.kind) is entry
    assert getattr(ogive, entry.name) is entry
    assert entry.name in ogive.__all__
    assert entry.name in ogive.names(entry.kind)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("sillu", "activation", "unknown activation 'sillu'; did you mean 'silu'?"),
        ("sillu", None, "unknown function 'sillu'; did you mean 'silu'?"),
        ("cross_entropi", "loss", "unknown loss 'cross_entropi'; did you mean 'cross_entropy'?"),
        ("quantile", None, "unknown function 'quantile'; did you mean 'pinball'?"),
        ("nn.MSELoss", None, "unknown function 'nn.MSELoss'; did you mean 'mean_squared_error'?"),
        (
            "torch.nn.MSELoss",
            None,
            "unknown function 'torch.nn.MSELoss'; ogive.peer('torch.nn.MSELoss') gives it, made of 'mean_squared_error'",
        ),
        ("relu", "loss", "unknown loss 'relu'; its kind is 'activation'"),
        ("", "activation", "unknown activation ''; choose from elu, "),
        ("", None, "unknown function ''; ogive.names() has them all"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(name: str, kind: str | None, message: str) -> None:
    with pytest.raises(ogive.errors.UnknownNameError) as caught:
        ogive.get(name, kind=kind)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mse", "module 'ogive' has no attribute 'mse'; ogive.get('mse') is ogive.mean_squared_error"),
        ("hubr", "module 'ogive' has no attribute 'hubr'; did you mean 'huber'?"),
        ("wasserstein", "module 'ogive' has no attribute 'wasserstein'"),
    ],
)
def test_an_attribute_that_is_another_name_says_whose(name: str, message: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(ogive, name)
    assert str(caught.value) == message


def test_a_name_that_is_no_string() -> None:
    with pytest.raises(TypeError, match="name must be a string"):
        ogive.get(3)


@every_entry
def test_the_docstring_is_complete_and_its_examples_run(entry: Any) -> None:
    text = inspect.getdoc(entry)
    assert text is not None
    assert entry.summary.endswith(".")
    for heading in ("Examples", "Formula", "References", "Parameters" if entry.kind != "activation" else "Shapes and dtypes"):
        assert f"{heading}\n---" in text, heading
    assert "dtype" in text or "reduction" in text
    assert re.search(r"\b(1[6-9]|20)\d\d\b", text), "a reference has a year"
    test = doctest.DocTestParser().get_doctest(text, {"ogive": ogive, "np": np}, entry.name, None, None)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".errors",
        ".formula",
        ".initializers",
        ".catalogue",
        ".kernel",
        ".smoothing",
        ".lab.statistics",
        ".lab.verdicts",
        ".backends.torch",
    ],
)
def test_the_examples_of_the_modules_run(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"ogive{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


@every_entry
def test_the_latex_is_balanced_and_free_of_python(entry: Any) -> None:
    for line in entry.latex.splitlines():
        assert line.count("{") == line.count("}")
        assert line.count(r"\left") == line.count(r"\right")
        assert "**" not in line


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x / (1 + exp(-x))", r"\frac{x}{1 + e^{-x}}"),
        ("2 * (x - (a - b))", r"2 \, \left(x - \left(a - b\right)\right)"),
        ("(a + b)**2", r"\left(a + b\right)^{2}"),
        ("exp(x[i]) / sum(exp(v) for v in x)", r"\frac{e^{x_{i}}}{\sum_{v \in x} e^{v}}"),
        ("x if x > 0 else alpha * x", r"\begin{cases} x & x > 0 \\ \alpha \, x & \text{otherwise} \end{cases}"),
    ],
)
def test_latex(written: str, expected: str) -> None:
    assert formula.latex(written) == expected


def test_the_formula_language_refuses_what_it_lacks() -> None:
    with pytest.raises(ValueError, match="no Lambda"):
        formula.latex("lambda x: x")
    with pytest.raises(NameError):
        formula.evaluate("open('file')", {})
    assert formula.evaluate("2 * alpha", {"alpha": 3.0}) == 6
    assert formula.evaluate(0.5, {}) == 0.5


@every_entry
def test_the_docstring_begins_with_the_call(entry: Any) -> None:
    call, _, rest = str(entry.__doc__).partition("\n\n")
    assert call == f"{entry.name}{inspect.signature(entry)}"
    assert {each.name for each in (*entry.term.inputs, *entry.parameters)} <= set(inspect.signature(entry).parameters)
    assert rest.startswith(entry.summary)


def test_signatures_show_parameters() -> None:
    assert str(inspect.signature(ogive.leaky_relu)) == "(x, /, negative_slope=0.01, *, out=None, where=True)"
    assert "rng" in str(inspect.signature(ogive.rrelu))


METHODS = (
    "slope",
    "value_and_slope",
    "curvature",
    "vjp",
    "gradient",
    "value_and_gradient",
    "hessian",
    "majorant",
    "sum_and_weight",
    "best_constant",
)
"""What takes the arguments of a call, and some of its own."""


@every_entry
def test_methods_name_the_arguments_of_their_function(entry: Any) -> None:
    found = [getattr(entry, name) for name in METHODS if hasattr(entry, name)]
    assert found
    for method in found:
        shape = inspect.signature(method).parameters
        assert not {each.kind for each in shape.values()} & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
        assert {each.name for each in entry.parameters} <= set(shape)
        assert method.__self__ is entry
        assert getattr(entry, method.__name__) is method, "made once"


def test_signatures_of_methods() -> None:
    """Each as it is called, whichever entry was asked first."""
    expected = {
        ogive.mean_squared_error.gradient: "(prediction, target, *, reduction='mean', sample_weight=None, mask=None)",
        ogive.huber.gradient: "(prediction, target, *, delta=1.0, reduction='mean', sample_weight=None, mask=None)",
        ogive.root_mean_squared_error.hessian: "(prediction, target, *, reduction='mean', sample_weight=None, mask=None)",
        ogive.elu.slope: "(x, /, alpha=1.0, *, wrt=None, out=None, where=True)",
        ogive.swiglu.vjp: "(x, gate, /, *, cotangent)",
        ogive.softmax.vjp: "(x, cotangent, /, *, axis=-1, weights=None)",
    }
    assert {method: str(inspect.signature(method)) for method in expected} == expected
