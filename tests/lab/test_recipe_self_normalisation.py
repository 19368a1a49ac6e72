"""Layers of infinite width and self-normalisation, two recipes' numbers of the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from ogive import catalogue
from ogive.recipes.dynamics import nets, signals, wide
from ogive.recipes.measurements import self_normalisation

SIZES = {"rows": 100, "units": 100, "layers": 16, "seeds": 5}


@pytest.mark.parametrize("name", ["selu", "relu", "tanh"])
def test_moments_are_those_of_layers_of_infinite_width_and_of_the_other_recipe(name):
    net = nets.read(name)
    found = self_normalisation._moments(net, self_normalisation.WAYS[0], **SIZES)
    squares = found.means**2 + found.deviations**2
    np.testing.assert_allclose(squares, signals.measure(net, **SIZES).second_moments, rtol=1e-12)
    theory = wide.second_moments(catalogue.get(name, "activation"), SIZES["units"] * net.deviation(SIZES["units"]) ** 2, 4)
    np.testing.assert_allclose(squares[:4], theory, rtol=0.05)  # what finite layers are off adds up on the way
    assert (found.from_row_to_row <= found.deviations * (1 + 1e-12)).all()


@pytest.mark.parametrize("way", self_normalisation.WAYS, ids=lambda way: way.name)
def test_selu_comes_to_mean_0_and_deviation_1_without_skips_and_with_its_own_weights_alone(way):
    kept = {name: self_normalisation._moments(nets.read(name), way, **SIZES).kept for name in ("selu", "selu he_normal", "elu he_normal")}
    assert kept == {"selu": not way.skips, "selu he_normal": False, "elu he_normal": False}


def test_identity_layers_with_skips_add_what_they_get():
    """x W + x has the mean of x and, the weights being independent of it, the sum of both variances."""
    found = self_normalisation._moments(nets.read("identity"), self_normalisation.WAYS[2], **SIZES)
    np.testing.assert_allclose(found.deviations**2, 2.0 ** np.arange(1, 17), rtol=0.3)
