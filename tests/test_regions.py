"""Losses of regions: which axes hold the pixels of one region is said, or there is one only; a Dice of each line is never meant."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import samples

import ogive

REGIONS = [entry for entry in map(ogive.get, ogive.names("loss")) if entry.term.of_pixels]
ALONG_AXES = [entry for entry in REGIONS if entry.term.along_axis]
OF_CLASSES = [entry for entry in REGIONS if not entry.term.along_axis]


def images(entry: Any, loop: tuple[int, ...]) -> tuple[list[Any], dict[str, Any]]:
    given = next(iter(entry.forms))
    arrays, named = samples.arguments(entry.forms[given], loop), samples.named(entry, given)
    named.pop("axis", None)
    return arrays, named


@pytest.mark.parametrize("entry", ALONG_AXES, ids=lambda entry: entry.name)
@pytest.mark.parametrize("loop", [(3,), (2, 3, 4)], ids=str)
def test_the_axes_of_pixels_are_asked_for(entry: Any, loop: tuple[int, ...]) -> None:
    arrays, named = images(entry, loop)
    shape = re.escape(str((*loop, samples.SIZES["pixels"])))
    for call in (entry, entry.gradient, entry.sum_and_weight):
        with pytest.raises(ValueError, match=f"{entry.name}: prediction has the shape {shape}; say which axes hold the pixels"):
            call(*arrays, **named)
    whole = [array.ravel() for array in arrays]
    assert entry(*arrays, axis=None, **named) == entry(*whole, **named)  # of one dimension nothing is asked
    lines = [array.reshape(-1, array.shape[-1]) for array in arrays]
    of_lines = np.mean([entry(*line, **named) for line in zip(*lines, strict=True)])
    np.testing.assert_allclose(entry(*arrays, axis=-1, **named), of_lines, rtol=1e-14)


@pytest.mark.parametrize("entry", OF_CLASSES, ids=lambda entry: entry.name)
def test_images_of_classes_come_as_rows_of_pixels(entry: Any) -> None:
    arrays, named = images(entry, (2, 3))
    with pytest.raises(
        ValueError, match=rf"{entry.name}: prediction must have the shape \(pixels, classes\) or \(batch, pixels, classes\)"
    ):
        entry(*arrays, **named)


def test_classes_along_the_wrong_axis_are_noticed() -> None:
    regions = np.eye(3)[np.random.default_rng(0).integers(0, 3, (2, 20))]
    right = ogive.generalized_dice(regions * 4, regions, given="logits")
    assert 0 < right < 0.5
    with pytest.raises(ValueError, match="generalized_dice: target must have shares that sum to 1 along the classes, found"):
        ogive.generalized_dice(np.moveaxis(regions, 1, -1) * 4, np.moveaxis(regions, 1, -1), given="logits")


def test_dice_of_images_as_elsewhere() -> None:
    """MONAI: over the pixels of each image and class; segmentation_models_pytorch: over the batch too; Keras: over everything."""
    rng = np.random.default_rng(1)
    p, t = rng.uniform(size=(2, 3, 4, 5)), rng.integers(0, 2, (2, 3, 4, 5)).astype(float)
    for axes in ((2, 3), (0, 2, 3), (0, 1, 2, 3)):
        expected = np.mean(1 - (2 * (p * t).sum(axes) + 1) / (p.sum(axes) + t.sum(axes) + 1))
        np.testing.assert_allclose(ogive.soft_dice(p, t, given="probabilities", axis=axes), expected, rtol=1e-13)
    everything = ogive.soft_dice(p, t, given="probabilities", axis=None)
    np.testing.assert_allclose(everything, ogive.soft_dice(p, t, given="probabilities", axis=(0, 1, 2, 3)), rtol=1e-15)
