"""The node tests of ONNX for its two losses, as the installed wheel has them, pass with our functions in the place of its operators."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import ogive

onnx = pytest.importorskip("onnx")


def collected() -> list[Any]:
    """Without those that spell an operator out in others, which are the same numbers again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # making the cases of all operators divides by zero
        from onnx.backend.test.case.node import collect_testcases

        cases = [case for operator in ("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss") for case in collect_testcases(operator)]
    return [case for case in cases if not case.name.endswith("_expanded")]


CASES = collected()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_node(case: Any) -> None:
    (node,), ((inputs, outputs),) = case.model.graph.node, case.data_sets
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    reduction, ignored = attributes.get("reduction", b"mean").decode(), attributes.get("ignore_index")
    scores, classes, *weight = inputs
    if node.op_type == "SoftmaxCrossEntropyLoss":
        options = {"class_weight": weight[0] if weight else None, "ignore_index": ignored, "reduction": reduction}
        np.testing.assert_allclose(ogive.cross_entropy(scores, classes, given="logits", axis=1, **options), outputs[0], rtol=2e-6)
        for logarithms in outputs[1:]:
            np.testing.assert_allclose(ogive.log_softmax(scores, axis=1), logarithms, rtol=2e-6)
    else:  # of numbers that are no logarithms of probabilities, which the entry refuses
        loss = ogive.peer("torch.nn.functional.nll_loss")
        got = loss(scores, classes, weight[0] if weight else None, ignore_index=-100 if ignored is None else ignored, reduction=reduction)
        np.testing.assert_allclose(got, outputs[0], rtol=2e-6)


def test_all_of_them_are_there() -> None:
    assert len(CASES) >= 60
