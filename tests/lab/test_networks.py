"""An arm's networks together: every number in its column, and little memory for each."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np

from ogive.lab.member import Stream
from ogive.lab.networks import gathered
from ogive.lab.results import BARS, Trained


def trained(seed, **changes):
    numbers = {
        "metrics": {"validation": {"accuracy": 0.25 * seed}, "test": {"accuracy": 0.5 * seed}},
        "training_losses": (3.0 + seed, 1.0 * seed),
        "diverged": seed == 1,
        "seconds": 0.1,
        "checkpoints": (1, 2),
        "validation_curve": (0.5, 0.75 + seed),
        "dead": ((0.0, 0.5), (0.1 * seed, 0.3 * seed)),
        "saturated": ((None, 0.5), (None, 0.25 * seed)),
        "activations": ((seed,) * BARS,) * 2,
        "gradients": ((1,) * BARS,) * 3,
        "gradient_ratio": 2.0,
    }
    return Trained(**numbers | changes)


def streams(count):
    return tuple(Stream("final", seed, seed % 5, (seed + 1) % 5) for seed in range(count))


def test_every_number_is_in_its_column():
    found = gathered(streams(3), map(trained, range(3)))
    assert len(found) == 3
    assert found.metrics["test"]["accuracy"].tolist() == [0, 0.5, 1]
    assert found.metrics["validation"]["accuracy"].tolist() == [0, 0.25, 0.5]
    assert found.training_loss.tolist() == [0, 1, 2]
    assert found.diverged.tolist() == [False, True, False]
    assert (found.seconds.tolist(), found.gradient_ratio.tolist()) == ([0.1] * 3, [2] * 3)


def test_the_course_is_of_all_networks():
    course = gathered(streams(3), map(trained, range(3))).course
    assert course.training_losses.tolist() == [4, 1]
    assert (course.checkpoints, course.validation_curve.tolist()) == ((1, 2), [0.5, 1.75])
    np.testing.assert_allclose(course.dead, [0.25, 0.2])
    np.testing.assert_allclose(course.saturated, [0.5, 0.25], err_msg="of the layers that have a flat part on both sides")
    assert course.activations.tolist() == [[3] * BARS] * 2
    assert course.gradients.tolist() == [[3] * BARS] * 3


def test_a_loss_that_is_no_number_counts_as_infinite():
    losses = [(1.0, 1.0), (1.0, math.nan), (1.0, math.nan)]
    course = gathered(streams(3), [trained(1, training_losses=own) for own in losses]).course
    assert course.training_losses.tolist() == [1, math.inf]


def test_where_nothing_saturates_there_is_no_number():
    found = gathered(streams(2), [trained(1, saturated=((None, None), (None, None)))] * 2)
    assert np.isnan(found.course.saturated).all()
    assert np.isfinite(found.course.dead).all()


def test_a_network_takes_less_memory_than_its_name():
    own = streams(4000)

    def peak(count):
        tracemalloc.start()
        gathered(own[:count], map(trained, range(count)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert (peak(4000) - peak(400)) / 3600 < 250, "bytes, at the time when most are in use"
