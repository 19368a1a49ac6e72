"""The rules for targets of classes: labels, the weight of class 1, smoothing, class weights; what shares must sum to."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import oracle
import pytest
import samples
import torch

import ogive

Array = np.ndarray[Any, Any]
LOOP = (6,)

every_loss = pytest.mark.parametrize(("entry", "given"), samples.TERMS, ids=lambda value: getattr(value, "name", value))
BINARY = [(entry, given) for entry, given in samples.TERMS if entry.forms[given].binary]
every_binary = pytest.mark.parametrize(("entry", "given"), BINARY, ids=lambda value: getattr(value, "name", value))
WEIGHED = [(entry, given) for entry, given in BINARY if entry.forms[given].weighs_classes]
every_weighed = pytest.mark.parametrize(("entry", "given"), WEIGHED, ids=lambda value: getattr(value, "name", value))


def drawn(entry: Any, given: str, loop: tuple[int, ...] = LOOP, dtype: Any = np.float64) -> tuple[list[Array], int, dict[str, Any]]:
    """Arrays for the inputs, where the target is among them, and how the form is named."""
    term = entry.forms[given]
    return samples.arguments(term, loop, dtype), term.target, samples.named(entry, given)


def results(entry: Any, arrays: list[Array], **options: Any) -> list[Any]:
    """Value, gradients and, where it has one, the Hessian diagonal."""
    value, gradient = entry.value_and_gradient(*arrays, **options)
    found = [value, *(gradient if isinstance(gradient, tuple) else (gradient,))]
    return [*found, entry.hessian(*arrays, **options)] if entry.forms[options.get("given", next(iter(entry.forms)))].hessian else found


# --- labels -----------------------------------------------------------------------------------------------------------


@every_binary
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labels_say_which_numbers_stand_for_the_classes(entry: Any, given: str, dtype: Any) -> None:
    arrays, target, named = drawn(entry, given, dtype=dtype)
    arrays[target] = np.random.default_rng(2).choice(np.array([0, 1, 0.25], dtype), arrays[target].shape)
    plain = results(entry, arrays, **named)
    for zero, one in ((-1, 1), (1, 0), (2.0, 6.0)):
        relabelled = [*arrays]
        relabelled[target] = (arrays[target].astype(np.float64) * (one - zero) + zero).astype(np.float64)
        for got, expected in zip(results(entry, relabelled, labels=(zero, one), **named), plain, strict=True):
            assert got.dtype == dtype
            np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("whole", [np.int8, np.int64, float, np.float16])
def test_hard_labels_change_no_bit(whole: Any) -> None:
    logits = np.linspace(-3, 3, 7, dtype=np.float32)
    hard = np.array([0, 1, 1, 0, 1, 0, 0])
    got = ogive.binary_cross_entropy.value_and_gradient(logits, (2 * hard - 1).astype(whole), given="logits", labels=(-1, 1))
    for each, expected in zip(got, ogive.binary_cross_entropy.value_and_gradient(logits, hard, given="logits"), strict=True):
        np.testing.assert_array_equal(each, expected)


@every_binary
def test_a_target_of_minus_one_names_the_labels(entry: Any, given: str) -> None:
    arrays, target, named = drawn(entry, given)
    arrays[target] = np.random.default_rng(2).choice([-1.0, 1.0], arrays[target].shape)
    with pytest.raises(ValueError, match=r"target must lie between 0 and 1, found -1\.0; .* labels=\(-1, 1\)"):
        entry(*arrays, **named)
    with pytest.raises(ValueError, match=r"target must lie between -1 and 0\.5, found 1\.0"):
        entry(*arrays, labels=(-1, 0.5), **named)


@pytest.mark.parametrize("labels", [1, (1, 1), (0, 1, 2), (0, np.inf), (-1.7e308, 1.7e308), [], (0, np.nan)])
def test_labels_are_two_different_numbers(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels must be two different numbers"):
        ogive.binary_cross_entropy([1.0], [1], given="logits", labels=labels)


# --- the weight of class 1 --------------------------------------------------------------------------------------------


@every_weighed
def test_linear_says_whether_a_soft_target_costs_the_mean_of_both_classes(entry: Any, given: str) -> None:
    arrays, target, named = drawn(entry, given, (50,))

    def cost(share: float) -> Any:
        arrays[target] = np.full(50, share)
        return entry(*arrays, reduction="none", **named)

    soft, mean = cost(0.3), 0.7 * cost(0.0) + 0.3 * cost(1.0)
    assert entry.forms[given].linear == bool(np.allclose(soft, mean, rtol=1e-12, atol=1e-14))


@every_weighed
@pytest.mark.parametrize("hard", [True, False])
def test_pos_weight_multiplies_what_class_1_costs_and_not_the_denominator(entry: Any, given: str, hard: bool) -> None:
    arrays, target, named = drawn(entry, given, (6, 3))
    positive = np.array([3.0, 0.0, 0.5])
    if not entry.forms[given].linear:
        with pytest.raises(TypeError, match="pos_weight needs a loss that is linear in the target"):
            entry(*arrays, pos_weight=positive, **named)
        return
    share = np.round(arrays[target]) if hard else arrays[target]
    named = named | {"sample_weight": np.linspace(0, 2, 18).reshape(6, 3), "class_weight": [0.5, 2.0]}
    arrays[target] = share
    counted = named["sample_weight"] * (0.5 * (1 - share) + 2 * share)
    parts = []
    for number in (1.0, 0.0):
        one_sided = [*arrays]
        one_sided[target] = np.full((6, 3), number)
        weight = counted * (positive * share if number else 1 - share)
        parts.append(results(entry, one_sided, **named | {"sample_weight": weight, "class_weight": None, "reduction": "sum"}))
    for got, *both in zip(results(entry, arrays, pos_weight=positive, **named | {"reduction": "mean"}), *parts, strict=True):
        np.testing.assert_allclose(got, sum(both) / counted.sum(), rtol=1e-13, atol=1e-16)
    for scalar in (3, 3.0, np.float32(3), np.full((6, 3), 3.0)):
        np.testing.assert_array_equal(entry(*arrays, pos_weight=scalar, **named), entry(*arrays, pos_weight=[3, 3, 3], **named))


@pytest.mark.parametrize("pos_weight", [2.5, [0.5, 3.0, 20.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_pos_weight_means_what_it_does_in_pytorch(pos_weight: Any, smoothing: float, reduction: str) -> None:
    """Values, gradients and second derivatives of BCEWithLogitsLoss; there the target is smoothed by hand."""
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(50, 3)) * 3, rng.choice([0.0, 1.0, 0.3], (50, 3))
    x = torch.tensor(logits, requires_grad=True)
    smoothed = torch.tensor(target * (1 - smoothing) + smoothing / 2)
    weight = torch.tensor(pos_weight, dtype=torch.float64)
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(x, smoothed, pos_weight=weight, reduction=reduction)
    (gradient,) = torch.autograd.grad(theirs.sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(gradient.sum(), x)
    ours = results(
        ogive.binary_cross_entropy,
        [logits, target],
        given="logits",
        pos_weight=pos_weight,
        label_smoothing=smoothing,
        reduction=reduction,
    )
    for got, expected in zip(ours, (theirs, gradient, curvature), strict=True):
        np.testing.assert_allclose(got, expected.detach().numpy(), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("positive", [0.3, 10.0, 1e6])
def test_a_weighted_soft_target_keeps_every_digit(positive: float, dtype: Any) -> None:
    """Where it is near 1 and the prediction sure of class 1, what is left is 1 - t times the cost of class 0."""
    for share in (0.3, 0.95, 0.999, 1.0, 0.0):
        x, t = np.array([-30.0, -1.0, 0.01, 5.0, 60.0], dtype), dtype(share)
        values, gradients = ogive.binary_cross_entropy.value_and_gradient(
            x, np.full(5, t), given="logits", reduction="none", pos_weight=positive
        )
        exact_t, exact_p = mpmath.mpf(float(t)), mpmath.mpf(positive)
        for value, gradient, logit in zip(values, gradients, x, strict=True):
            z = mpmath.mpf(float(logit))
            up, down = exact_p * exact_t / (1 + mpmath.exp(z)), (1 - exact_t) / (1 + mpmath.exp(-z))
            cost = exact_p * exact_t * mpmath.log1p(mpmath.exp(-z)) + (1 - exact_t) * mpmath.log1p(mpmath.exp(z))
            assert oracle.ulps(value, cost, dtype) <= 4
            assert oracle.ulps(gradient, down - up, dtype, float(max(up, down))) <= 4


@every_loss
def test_pos_weight_and_labels_need_two_classes(entry: Any, given: str) -> None:
    term = entry.forms[given]
    arrays, _, named = drawn(entry, given)
    if not (term.binary and term.weighs_classes):
        with pytest.raises(TypeError, match="pos_weight needs a target of two classes"):
            entry(*arrays, pos_weight=2.0, **named)
    if not term.binary:
        with pytest.raises(TypeError, match="labels needs a target of two classes"):
            entry(*arrays, labels=(-1, 1), **named)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pos_weight": -1.0}, "pos_weight must be finite and not negative"),
        ({"pos_weight": [1.0, np.nan]}, "pos_weight must be finite"),
        ({"pos_weight": [1.0, 2.0, 3.0]}, r"one for each class along the last axis, shape \(2,\); got shape \(3,\)"),
        ({"pos_weight": np.ones((2, 2, 2))}, r"got shape \(2, 2, 2\)"),
        ({"pos_weight": 1e300, "sample_weight": 1e300}, "more than the largest float"),
        ({"pos_weight": "a"}, "pos_weight must be real numbers"),
    ],
)
def test_a_bad_weight_of_class_1_says_what_is_wrong(options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        ogive.binary_cross_entropy(np.zeros((3, 2)), np.ones((3, 2)), given="logits", **options)


def test_a_missing_target_is_missing_in_the_result() -> None:
    found = ogive.binary_cross_entropy(
        [1.0, 2.0, 3.0], [np.nan, 1.0, 0.5], given="logits", pos_weight=2.0, class_weight=[1.0, 3.0], reduction="none"
    )
    np.testing.assert_array_equal(np.isnan(found), [True, False, False])


# --- shares that sum to 1 ---------------------------------------------------------------------------------------------

DISTRIBUTIONS = [(entry, given, i) for entry, given in samples.TERMS for i in entry.forms[given].distributions]


@pytest.mark.parametrize(("entry", "given", "position"), DISTRIBUTIONS, ids=lambda value: getattr(value, "name", value))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_must_sum_to_one_where_they_count(entry: Any, given: str, position: int, dtype: Any) -> None:
    arrays, _, named = drawn(entry, given, (6, 5), dtype)
    logarithms = entry.forms[given].inputs[position].high == 0.0
    wrong = np.log(dtype([0.1, 0.1, 0.125, 0.125])) if logarithms else dtype([0.125, 0.125, 0.125, 0.125])
    arrays[position][4, 2] = wrong
    total = (np.exp(wrong) if logarithms else wrong).sum()
    with pytest.raises(ValueError, match=rf"sum to 1 along the classes, found {str(total)[:4]}.* in row \(4, 2\)"):
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
        (lambda shares: ogive.cross_entropy(shares, [0, 1, 2, 3, -100, 0], given="logits"), "found -100; .* say ignore_index=-100"),
        (lambda shares: ogive.cross_entropy(shares, [0, 1, 2, 4, 1, 0], given="logits"), "between 0 and 3, found 4$"),
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
