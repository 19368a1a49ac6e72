"""Our functions under PyTorch's names agree with the installed PyTorch in float64, and where it is wrong they do not."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from agreement import RNG, Arrays, arguments, cases, grid

import ogive

torch = pytest.importorskip("torch")
F = torch.nn.functional
REDUCTIONS = ("mean", "sum", "none")
DEPRECATED = ("size_average", "reduce")
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("torch.")]
FUNCTIONS = [name for name in NAMES if name.startswith("torch.nn.functional.")]
CLASSES = [name for name in NAMES if name not in FUNCTIONS]


def real(*shape: int) -> Any:
    return RNG.normal(size=shape) * 2


def chance(*shape: int) -> Any:
    return RNG.uniform(0.01, 0.99, shape)


def shares(*shape: int) -> Any:
    """Of the classes along the second axis."""
    return np.moveaxis(RNG.dirichlet(np.ones(shape[1]), (shape[0], *shape[2:])), -1, 1)


def logs(*shape: int) -> Any:
    return np.log(shares(*shape))


def signs(*shape: int) -> Any:
    return RNG.choice([-1.0, 1.0], shape)


def numbers(high: int, *shape: int) -> Any:
    return RNG.integers(0, high, shape)


def impossible() -> Arrays:
    """Two frames cannot spell 1, 1."""
    return np.log(RNG.dirichlet(np.ones(5), (2, 2))), np.array([[1, 1], [1, 2]]), np.array([2, 2]), np.array([2, 2])


def largest_difference(first: Any, second: Any) -> Any:
    return abs(first - second).max(-1)


def several_labels() -> Arrays:
    return real(4, 5), np.array([[0, 3, -1, 1, 2], [1, 2, 3, 4, 0], [-1, 0, 1, 2, 3], [4, -1, -1, -1, -1]])


def some_ignored() -> Any:
    return np.array([0, -100, 2, 1, 3])


WEIGHTS = (None, chance(5, 4))
TABLE: dict[str, Any] = {
    "mse_loss": (lambda: (real(5, 4), real(5, 4)), grid(reduction=REDUCTIONS, weight=WEIGHTS)),
    "l1_loss": (lambda: (real(5, 4), real(5, 4)), grid(reduction=REDUCTIONS, weight=WEIGHTS)),
    "huber_loss": (lambda: (real(5, 4), real(5, 4)), grid(reduction=REDUCTIONS, weight=WEIGHTS, delta=(1.0, 0.3))),
    "smooth_l1_loss": (lambda: (real(5, 4), real(5, 4)), grid(reduction=REDUCTIONS, beta=(1.0, 0.3, 0.0))),
    "poisson_nll_loss": (
        lambda: (RNG.uniform(0.1, 3, (5, 4)), RNG.poisson(2, (5, 4)).astype(float)),
        grid(reduction=REDUCTIONS, log_input=(True, False), full=(False, True), eps=(1e-8, 0.1)),
    ),
    "cosine_similarity": (lambda: (real(5, 4), real(5, 4)), grid(dim=(0, 1, -1), eps=(1e-8, 3.0))),
    "cosine_embedding_loss": (lambda: (real(5, 4), real(5, 4), signs(5)), grid(reduction=REDUCTIONS, margin=(0, 0.3))),
    "hinge_embedding_loss": (lambda: (real(5, 4), signs(5, 4)), grid(reduction=REDUCTIONS, margin=(1.0, 0.3))),
    "margin_ranking_loss": (lambda: (real(5), real(5), signs(5)), grid(reduction=REDUCTIONS, margin=(0, 0.3))),
    "triplet_margin_loss": (
        lambda: (real(5, 4), real(5, 4), real(5, 4)),
        [*grid(reduction=REDUCTIONS, swap=(False, True), p=(2, 1, 3.5)), {"margin": 0.2, "eps": 0.1}],
    ),
    "triplet_margin_with_distance_loss": (
        lambda: (real(5, 4), real(5, 4), real(5, 4)),
        [*grid(reduction=REDUCTIONS, swap=(False, True), distance_function=(None, largest_difference)), {"margin": 0.2}],
    ),
    "multi_margin_loss": (
        lambda: (real(5, 4), numbers(4, 5)),
        grid(reduction=REDUCTIONS, p=(1, 2), weight=(None, chance(4)), margin=(1.0, 0.2)),
    ),
    "multilabel_margin_loss": (several_labels, grid(reduction=REDUCTIONS)),
    "gaussian_nll_loss": (
        lambda: (real(5, 4), real(5, 4), RNG.uniform(0, 2, (5, 4)) * [0, 1, 1, 1]),
        grid(reduction=REDUCTIONS, full=(False, True), eps=(1e-6, 0.3)),
    ),
    "binary_cross_entropy": (lambda: (chance(5, 4), chance(5, 4)), grid(reduction=REDUCTIONS, weight=(*WEIGHTS, chance(4)))),
    "binary_cross_entropy_with_logits": (
        lambda: (real(5, 4), chance(5, 4)),
        grid(reduction=REDUCTIONS, weight=(*WEIGHTS, chance(4)), pos_weight=(None, np.array([1.0, 3, 0.5, 0]))),
    ),
    "soft_margin_loss": (lambda: (real(5, 4), signs(5, 4)), grid(reduction=REDUCTIONS)),
    "multilabel_soft_margin_loss": (lambda: (real(5, 4), signs(5, 4) / 2 + 0.5), grid(reduction=REDUCTIONS, weight=(None, chance(4)))),
    "cross_entropy": (
        lambda: (real(5, 4), some_ignored()),
        grid(reduction=REDUCTIONS, weight=(None, chance(4)), label_smoothing=(0.0, 0.2)),
    ),
    "nll_loss": (lambda: (logs(5, 4), some_ignored()), grid(reduction=REDUCTIONS, weight=(None, chance(4)))),
    "linear_cross_entropy": (
        lambda: (real(5, 3), real(4, 3), some_ignored()),
        grid(reduction=REDUCTIONS, linear_bias=(None, real(4)), weight=(None, chance(4)), label_smoothing=(0.0, 0.2)),
    ),
    "kl_div": (lambda: (logs(5, 4), shares(5, 4)), grid(reduction=(*REDUCTIONS, "batchmean"))),
    "ctc_loss": (
        lambda: (np.log(RNG.dirichlet(np.ones(5), (9, 3))), numbers(4, 3, 3) + 1, np.array([9, 8, 7]), np.array([3, 2, 0])),
        grid(reduction=REDUCTIONS),
    ),
}
# The same functions with other kinds of arrays.
MORE: list[tuple[str, Any, dict[str, Any]]] = [
    ("gaussian_nll_loss", lambda: (real(5, 4), real(5, 4), RNG.uniform(0, 2, 5)), {}),
    ("gaussian_nll_loss", lambda: (real(5, 4), real(5, 4), RNG.uniform(0, 2, (5, 1))), {}),
    ("gaussian_nll_loss", lambda: (real(5, 4), real(5, 4), 0.7), {}),
    ("multi_margin_loss", lambda: (real(4), np.array([2])), {"weight": chance(4)}),
    ("multilabel_margin_loss", lambda: (real(5), np.array([3, 1, -1, 0, 0])), {}),
    ("multilabel_soft_margin_loss", lambda: (real(5), signs(5) / 2 + 0.5), {}),
    ("cosine_similarity", lambda: (real(5, 1, 4), real(3, 4)), {"dim": -1}),
    ("cosine_similarity", lambda: (np.zeros((2, 4)), real(2, 4)), {}),
    ("cosine_similarity", lambda: (np.full((1, 4), 1e-9), real(1, 4)), {}),
    ("cosine_embedding_loss", lambda: (real(4), real(4), np.array(-1.0)), {}),
    ("cross_entropy", lambda: (real(4), np.array(2)), {"label_smoothing": 0.1}),
    ("cross_entropy", lambda: (real(5, 4, 3, 2), numbers(4, 5, 3, 2)), {"weight": chance(4), "label_smoothing": 0.1}),
    *(("cross_entropy", lambda: (real(5, 4), shares(5, 4)), options) for options in TABLE["cross_entropy"][1]),
    ("cross_entropy", lambda: (real(5, 4), np.array([0, 2, 2, 1, 3])), {"ignore_index": 2, "label_smoothing": 0.1}),
    ("cross_entropy", lambda: (real(5, 4, 3), shares(5, 4, 3)), {"label_smoothing": 0.1, "weight": chance(4)}),
    ("nll_loss", lambda: (logs(5, 4, 3), numbers(4, 5, 3)), {"ignore_index": 1}),
    ("linear_cross_entropy", lambda: (real(5, 3), real(4, 2, 3), numbers(4, 5, 2)), {"linear_bias": real(4, 2)}),
    ("linear_cross_entropy", lambda: (real(3), real(4, 3), np.array(1)), {}),
    ("kl_div", lambda: (logs(5, 4), logs(5, 4)), {"log_target": True, "reduction": "batchmean"}),
    ("kl_div", lambda: (logs(5, 4), np.eye(4)[[0, 1, 2, 3, 0]]), {"reduction": "none"}),
    ("ctc_loss", lambda: (np.log(RNG.dirichlet(np.ones(5), 9)), np.array([1, 2, 2]), np.array(8), np.array(3)), {"reduction": "sum"}),
    ("ctc_loss", lambda: (np.log(RNG.dirichlet(np.ones(5), (9, 2))), np.array([1, 2, 2, 3]), np.array([8, 9]), np.array([3, 1])), {}),
    ("ctc_loss", lambda: impossible(), {"reduction": "none"}),
    ("ctc_loss", lambda: impossible(), {"zero_infinity": True}),
]  # fmt: skip


def tensors(value: Any) -> Any:
    return torch.tensor(value) if isinstance(value, np.ndarray) else value


def theirs(name: str, arrays: Arrays, options: dict[str, Any]) -> Any:
    given = {option: tensors(value) for option, value in options.items()}
    if options.get("distance_function"):
        given["distance_function"] = lambda a, b: torch.linalg.vector_norm(a - b, ord=np.inf, dim=-1)
    return getattr(F, name.rpartition(".")[2])(*map(tensors, arrays), **given).numpy()


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss")
@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    cases(TABLE) + [pytest.param(*case, id=f"{case[0]}-more-{i}") for i, case in enumerate(MORE)],
)
def test_values_agree(name: str, arrays: Any, options: dict[str, Any]) -> None:
    drawn = arrays()
    got = ogive.peer(f"torch.nn.functional.{name}")(*drawn, **options)
    true = theirs(name, drawn, options)
    assert np.shape(got) == true.shape
    assert np.asarray(got).dtype == np.float64
    np.testing.assert_allclose(got, true, rtol=1e-11, atol=1e-14)


def test_every_function_is_compared() -> None:
    assert {name.rpartition(".")[2] for name in FUNCTIONS} == set(TABLE)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "torch.nn.functional.cosine_similarity"])
def test_functions_have_their_signatures(name: str) -> None:
    assert arguments(ogive.peer(name)) == arguments(getattr(F, name.rpartition(".")[2]), DEPRECATED)


def test_the_cosine_has_the_signature_of_the_documentation() -> None:
    """The installed one is built in and tells nothing."""
    expected = [("x1", inspect.Parameter.empty), ("x2", inspect.Parameter.empty), ("dim", 1), ("eps", 1e-8)]
    assert [(name, default) for name, _, default in arguments(ogive.peer("torch.nn.functional.cosine_similarity"))] == expected


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_their_signatures_and_give_the_function(name: str) -> None:
    assert arguments(ogive.peer(name)) == arguments(getattr(torch.nn, name.rpartition(".")[2]), DEPRECATED)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_give_the_value_of_the_function(name: str) -> None:
    module = getattr(torch.nn, name.rpartition(".")[2])
    function = next(each for each in FUNCTIONS if ogive.peer(each) is ogive.peer(name)().func)
    arrays = TABLE[function.rpartition(".")[2]][0]()
    options = {"reduction": "sum"}
    np.testing.assert_allclose(ogive.peer(name)(**options)(*arrays), module(**options)(*map(tensors, arrays)).numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_float32_stays_float32(name: str) -> None:
    narrow = [array.astype(np.float32) if np.asarray(array).dtype == np.float64 else array for array in TABLE[name.rpartition(".")[2]][0]()]
    for options in grid(reduction=REDUCTIONS) if name.endswith("loss") else [{}]:
        assert np.asarray(ogive.peer(name)(*narrow, **options)).dtype == np.float32


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "torch.nn.functional.cosine_similarity"])
def test_an_unknown_reduction_is_refused(name: str) -> None:
    with pytest.raises(ogive.errors.InputError, match="reduction must be 'none', 'mean' or 'sum', got 'average'"):
        ogive.peer(name)(*TABLE[name.rpartition(".")[2]][0](), reduction="average")


@pytest.mark.parametrize("name", [name for name in TABLE if name not in ("cosine_similarity", "linear_cross_entropy", "ctc_loss")])
def test_a_target_is_not_broadcast(name: str) -> None:
    first, second, *others = TABLE[name][0]()
    with pytest.raises(ogive.errors.OgiveError):
        ogive.peer(f"torch.nn.functional.{name}")(first, second[:1], *others, **TABLE[name][1][0])


@pytest.mark.parametrize("target", [np.array([0, 4]), np.array([0, -1]), np.array([0, 1, 2])])
def test_class_numbers_out_of_range_are_refused(target: Any) -> None:
    with pytest.raises(ogive.errors.InputError, match="class numbers"):
        ogive.peer("torch.nn.functional.cross_entropy")(real(2, 4), target)


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ogive.errors.InputError, match=r"weights must be in the shape of the terms, \(5, 4\), got \(5,\)"):
        ogive.peer("torch.nn.functional.mse_loss")(real(5, 4), real(5, 4), weight=chance(5))
