"""Two things that were crossed are shown as a grid, each cell where it belongs."""

from __future__ import annotations

import pytest
from outcomes import outcome

from ogive.lab.grid import grid
from ogive.lab.summary import summarise


def means(summary):
    return {row.name: f"{100 * row.score.mean:.2f}%" for row in summary.rows}


def test_two_factors():
    summary = summarise(outcome(["relu", "tanh", "sigmoid"], optimizers=["sgd", "adam"]))
    found = grid(summary)
    assert (found.down, found.across) == ("activation", "optimizer")
    assert (found.down_levels, found.across_levels) == (("relu", "tanh", "sigmoid"), ("sgd", "adam"))
    for down, line in zip(found.down_levels, found.cells, strict=True):
        assert [cell for cell, _ in line] == [means(summary)[f"{down}, {across}"] for across in found.across_levels]


def test_the_activations_of_two_layers():
    names = ["relu", "tanh", "none"]
    summary = summarise(outcome([f"{first}/{second}" for first in names for second in names], gaps={"none/none": 0.4}))
    found = grid(summary)
    assert (found.down, found.across) == ("hidden layer 1", "hidden layer 2")
    assert found.down_levels == found.across_levels == tuple(names)
    assert found.cells[1][2][0] == means(summary)["tanh/none"]
    shares = [share for line in found.cells for _, share in line]
    assert found.cells[2][2][1] == min(shares) == 0
    assert max(shares) > 0.5


@pytest.mark.parametrize(
    ("activations", "factors"),
    [
        (["relu", "tanh"], {}),
        (["relu"], {"optimizers": ["sgd", "adam"]}),
        (["relu/tanh", "tanh/relu", "relu/relu"], {}),
        (["relu", "tanh"], {"optimizers": ["sgd", "adam"], "biases": ["yes", "no"]}),
        (["relu/tanh/relu", "tanh/relu/relu"], {"hidden": "8-8-8"}),
    ],
)
def test_what_is_no_grid_has_none(activations, factors):
    assert grid(summarise(outcome(activations, **factors))) is None
