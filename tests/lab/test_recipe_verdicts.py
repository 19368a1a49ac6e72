"""What measurements say follows from their numbers, and nonsense is refused before any work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

from outcomes import outcome

from ogive.errors import OgiveError
from ogive.lab.comparison import Comparison
from ogive.recipes import sensitivity
from ogive.recipes.dynamics import nets, signals
from ogive.recipes.dynamics.gradients import Gradients
from ogive.recipes.measurements import initialisers, vanishing_gradient
from ogive.recipes.running import run

RELU = nets.read("relu")


def gradients_of(share, closest=0.5):
    weights = np.geomspace(share, 1.0, 4)
    return Gradients(weights, weights, weights / closest, 2.0, closest)


@pytest.mark.parametrize(("share", "words"), [(1e-6, "is lost on the way"), (0.3, "arrives"), (40.0, "arrives"), (1e7, "explodes")])
def test_the_verdict_of_a_gradient_follows_from_its_size(share, words):
    assert f"in 4 layers the gradient {words};" in vanishing_gradient.verdict(RELU, [gradients_of(share)])


def test_a_bound_that_does_not_hold_would_be_said():
    held, broken = gradients_of(0.3), gradients_of(0.3, closest=1.2)
    assert "no gradient of 4 layers exceeds" in vanishing_gradient.bound_verdict({RELU: [held]})
    assert "some gradients exceed" in vanishing_gradient.bound_verdict({RELU: [held, broken]})


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("sigmoid normal(1)", "at the ends"),
        ("tanh normal(1)", "at the ends"),
        ("sigmoid normal(0.01)", "alike"),
        ("relu normal(0.01)", "alike"),
        ("tanh glorot_normal", "spread"),
        ("relu he_normal", "spread"),
    ],
)
def test_the_state_of_a_signal_is_what_its_initialiser_makes_of_it(written, state):
    net = nets.read(written)
    signal = signals.measure(net, rows=50, units=100, layers=5, seeds=2)
    assert initialisers.state(signal) == state
    said = {"at the ends": "within 0.01 of", "alike": "all outputs are alike", "spread": "outputs are spread"}[state]
    assert said in initialisers.verdict(net, signal)


def of_spread(ratio, *, collapsed=False):
    """A comparison whose squared error varies that many times as much as its cross-entropy, and learnt nothing where it collapsed."""
    found = outcome(["relu"], losses=list(sensitivity.TWO), seeds=50, kind=Comparison)
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((2, 50))
    arms = []
    for result, own in zip(found.arms, 0.95 + 0.003 * np.array([[1.0], [ratio]]) * noise, strict=True):
        lost = collapsed and result.arm.level("loss") == "squared_error"
        metrics = {**result.networks.metrics, "test": {**result.networks.metrics["test"], "accuracy": own}}
        arms.append(replace(result, networks=replace(result.networks, metrics=metrics, diverged=np.full(50, lost))))
    return replace(found, arms=tuple(arms))


def test_spreads_are_told_apart_scale_by_scale_where_both_losses_learn():
    scales = {0.1: of_spread(0.3), 1.0: of_spread(1.0), 4.0: of_spread(3.0), 16.0: of_spread(9.0, collapsed=True)}
    look = sensitivity.look(scales)
    assert look.verdicts[-1].endswith("By scale: less at 0.1, more at 4, not told apart at 1.")
    assert "scale 16" not in look.verdicts[-2]
    accuracies, spreads = look.tables
    assert [row[0] for row in accuracies.rows] == [row[0] for row in spreads.rows] == list(scales)
    for (_, first, second), ratio in zip(spreads.rows, (0.3, 1.0, 3.0, 9.0), strict=True):
        assert second / first == pytest.approx(ratio, rel=0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('measure = "initialisers"\nrows = 1', "rows must be"),
        ('measure = "initialisers"\nlayers = 0', "layers must be"),
        ('measure = "initialisers"\nnetworks = ["relu he_norml"]', "unknown initialiser 'he_norml'; .*; did you mean 'he_normal'"),
        ('measure = "initialisers"\ndraws = 0', "draws must be"),
        (
            'measure = "initialisers"\nnetworks = ["relu normal(1e200)"]',
            "the outputs of relu normal.1e.200. are too large",
        ),
        ('measure = "vanishing_gradient"\ndepths = [1]', "depths must be"),
        ('measure = "vanishing_gradient"\ndepths = [2.5]', "depths must be a whole number"),
        (
            'measure = "vanishing_gradient"\nnetworks = ["relu normal(1e-06)"]\ndepths = [90]\nunits = 9',
            "the gradient of relu normal.1e-06. in 90 layers is 0",
        ),
        ('measure = "zig_zag"\nhidden = [8]', "hidden must have two layers or more"),
        ('measure = "zig_zag"\nrate = 0.0', "rate must be a positive number"),
        (
            'measure = "zig_zag"\nrate = 1e300\nnetworks = ["identity"]\nbatches = [8]',
            "identity .* diverges at rate 1e.300",
        ),
        ('measure = "zig_zag"\nbatches = [5000]', "batches must be at most the 1,0.. training rows of digits, got 5,000"),
        ('measure = "zig_zag"\ndata = "diabetes"', "the data must have classes"),
        ('measure = "loss_surfaces"\nstart = [1.0]', "start must be a weight and a bias from -12 to 12"),
        ('measure = "loss_surfaces"\nstart = [1.0, 13.0]', "start must be a weight and a bias"),
        ('measure = "loss_surfaces"\nreach = -1.0', "distance and reach must be positive"),
        ('measure = "loss_surfaces"\ndistance = 90.0', "do not overlap"),
        ('measure = "loss_surfaces"\nscales = [0.0]', "scales must be positive numbers"),
        ('measure = "loss_surfaces"\nlosses = ["hinge"]', "unknown output loss 'hinge'"),
    ],
)
def test_a_measurement_changed_into_nonsense_is_refused_in_one_line(tmp_path, text, words):
    (tmp_path / "my.toml").write_text(text)
    with pytest.raises(OgiveError, match=words) as refused:
        run(tmp_path / "my.toml", out=tmp_path / "out", changes={})
    assert "\n" not in str(refused.value)
