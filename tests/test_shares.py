"""What the numbers of classes and their shares must be: sums of 1, class numbers in range; what is not, and what to do about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import samples
import torch

import ogive

DISTRIBUTIONS = [(entry, given, i) for entry, given in samples.TERMS for i in entry.forms[given].distributions if entry.term.along_axis]


@pytest.mark.parametrize(("entry", "given", "position"), DISTRIBUTIONS, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_must_sum_to_one_where_they_count(entry: Any, given: str, position: int, dtype: Any) -> None:
    arrays, named = samples.arguments(entry.forms[given], (6, 5), dtype), samples.named(entry, given)
    logarithms = entry.forms[given].inputs[position].high == 0.0
    wrong = np.log(dtype([0.1, 0.1, 0.125, 0.125])) if logarithms else dtype([0.125, 0.125, 0.125, 0.125])
    arrays[position][4, 2] = wrong
    total = (np.exp(wrong) if logarithms else wrong).sum()
    with pytest.raises(ValueError, match=rf"sum to 1 along the classes, found {str(total)[:4]}.* in row \(4, 2"):
        entry(*arrays, **named)
    mask = np.ones((6, 5), bool)
    mask[4, 2] = False
    assert np.isfinite(entry(*arrays, mask=mask, **named)) or not logarithms
    arrays[position][4, 2] = np.nan
    assert np.isnan(entry(*arrays, **named))


@pytest.mark.parametrize("given", ["probabilities", "log_probabilities"])
@pytest.mark.parametrize("graded", [True, False])
def test_plain_arrays_of_predictions_must_sum_to_one_too(given: str, graded: bool) -> None:
    prediction = np.full((3, 4), 0.125) if given == "probabilities" else np.log(np.full((3, 4), 0.125))
    call = ogive.cross_entropy.gradient if graded else ogive.cross_entropy
    with pytest.raises(ValueError, match=r"to 1 along the classes, found 0\.5\d* in row 0; if these are logits, say given='logits'"):
        call(prediction, np.array([0, 1, 2]), given=given)


@pytest.mark.parametrize("count", [10, 1000, 50_000])
@pytest.mark.parametrize("scale", [0.0, 1.0, 5.0, 20.0])
def test_honest_softmax_of_any_precision_sums_to_one(count: int, scale: float) -> None:
    """Also what came from float16 or bfloat16 in a wider dtype, where the rounding is not to be seen."""
    logits = torch.tensor(np.random.default_rng(0).normal(size=(4, count)) * scale)
    for narrow in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        for rounded in (torch.softmax(logits.to(narrow), -1), torch.softmax(logits.float(), -1).to(narrow)):
            for dtype in (np.float64, np.float32, np.float16 if narrow is torch.float16 else np.float32):
                shares = rounded.double().numpy().astype(dtype)
                assert np.isfinite(ogive.entropy.value_and_gradient(shares)[0])
                assert ogive.cross_entropy(shares, shares.argmax(-1), given="probabilities") >= 0
        logarithms = torch.log_softmax(logits.to(narrow), -1).double().numpy().astype(np.float32)
        assert ogive.cross_entropy(logarithms, logarithms.argmax(-1), given="log_probabilities") >= 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda shares: ogive.cross_entropy(shares.T, shares.T, given="probabilities"), "; did you mean axis=0?"),
        (lambda shares: ogive.cross_entropy(np.log(shares).T, shares.T, given="log_probabilities"), "; did you mean axis=0?"),
        (lambda shares: ogive.kl_divergence(shares, shares, given="probabilities", axis=0), "; did you mean axis=1?"),
        (lambda shares: ogive.cross_entropy(shares, np.zeros(4, int), given="logits"), r"shape \(4,\); did you mean axis=0\?"),
        (lambda shares: ogive.cross_entropy(shares, shares > 0, given="logits"), "found 4.0 in row 0; .* use binary_cross_entropy"),
        (lambda shares: ogive.cross_entropy(shares, 0 * shares, given="logits"), "found 0.0 in row 0; leave out .* with mask="),
        (lambda shares: ogive.cross_entropy(shares, [0, 1, 2, 3, -100, 0], given="logits"), "found -100; .*, or say ignore_index=-100"),
        (lambda shares: ogive.cross_entropy(shares, [0, 1, 2, 4, 1, 0], given="logits"), "found 4; number the classes from 0$"),
    ],
)  # fmt: skip
def test_what_cannot_be_shares_says_so(call: Any, words: str) -> None:
    shares = np.random.default_rng(1).dirichlet(np.ones(4), 6)
    with pytest.raises(ValueError, match=words):
        call(shares)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_probability_a_little_above_one_is_named_with_all_its_digits(dtype: Any) -> None:
    above = np.array([1 + 1.2e-7, 0.0], dtype)
    with pytest.raises(ValueError, match=rf"found {above[0]!s}; if these are logits"):
        ogive.cross_entropy(above, 0, given="probabilities")
    with pytest.raises(ValueError, match=f"found {above[0]!s}$"):
        ogive.entropy(above)
