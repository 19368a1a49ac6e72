"""``ogive compute``: what is typed is what is computed, and what cannot be read is one line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import ogive
from ogive import calls
from ogive.cli import BAD_INPUT, main

pytest.importorskip("typer")


def said(capsys: Any, *arguments: str) -> dict[str, np.ndarray]:
    """What is printed, read as the command reads numbers."""
    assert main(["compute", *arguments]) == 0
    lines = [line.partition("  ") for line in capsys.readouterr().out.splitlines()]
    return {name: calls.array(numbers.replace(" ", "")) for name, _, numbers in lines}


def test_what_is_printed_is_what_python_gives_to_the_last_bit(capsys: Any) -> None:
    x = np.array([-3.0, 0.1, 1e-320, np.inf])
    found = said(capsys, "gelu", "-3,0.1,1e-320,inf", "--slope", "--curvature")
    for name, function in (("value", ogive.gelu), ("slope", ogive.gelu.slope), ("curvature", ogive.gelu.curvature)):
        np.testing.assert_array_equal(found[name], function(x))


def test_parameters_and_dtypes(capsys: Any) -> None:
    assert said(capsys, "elu(alpha=0.5)", "-1")["value"] == ogive.elu(-1.0, alpha=0.5)
    single = ogive.softmax(np.float32([1010, 1000, 990]))
    np.testing.assert_array_equal(np.float32(said(capsys, "softmax", "1010,1000,990", "--dtype", "float32")["value"]), single)


def test_losses_of_rows_and_of_several_inputs(capsys: Any) -> None:
    logits, classes = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]]), np.array([0, 0])
    found = said(capsys, "cross_entropy", "2,1,0;0,1,2", "0,0", "--given", "logits", "--reduction", "none", "--slope", "--curvature")
    options = {"given": "logits", "reduction": "none"}
    np.testing.assert_array_equal(found["value"], ogive.cross_entropy(logits, classes, **options))
    np.testing.assert_array_equal(found["gradient"], ogive.cross_entropy.gradient(logits, classes, **options))
    np.testing.assert_array_equal(found["hessian"], ogive.cross_entropy.hessian(logits, classes, **options))
    likelihood = said(capsys, "gaussian_nll", "1", "2", "3", "--slope")
    assert list(likelihood) == ["value", "gradient by mean", "gradient by variance"]


def test_json_has_no_word_that_json_lacks(capsys: Any) -> None:
    assert main(["compute", "logit", "0,0.5", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"value": ["-inf", 0.0]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gelu", "one"], "cannot read 'one' as numbers"),
        (["gelu", ""], "cannot read '' as numbers"),
        (["gelu", "1,2;3"], "differ in length: 2, 1"),
        (["gelu", "1", "--slop"], "cannot read '--slop'"),
        (["gelu(", "1"], "cannot read 'gelu('"),
        (["softmax", "1,2", "--slope"], "ogive.softmax.vjp"),
        (["gellu", "1"], "did you mean 'gelu'"),
        (["gelu", "1", "--dtype", "float23"], "unknown --dtype 'float23'"),
        (["cross_entropy", "2,1,0", "3", "--given", "logits"], "class"),
        (["kl_divergence", "0.1,0.9", "0.1,0.8", "--given", "probabilities"], "sum to 1"),
    ],
)
def test_what_cannot_be_computed_is_one_line(capsys: Any, arguments: list[str], words: str) -> None:
    assert main(["compute", *arguments]) == BAD_INPUT
    printed = capsys.readouterr()
    assert words in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
