"""Our functions under optax's names agree with the installed optax in float64, and where it is wrong they do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from agreement import RNG, Arrays, arguments, cases, grid

import ogive

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
losses = optax.losses
NAMES = [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if name.startswith("optax.")]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def real(*shape: int) -> Any:
    return RNG.normal(size=shape) * 2


def pair() -> Arrays:
    return real(5, 4), real(5, 4)


def two_classes() -> Arrays:
    return real(5, 4), RNG.uniform(0, 1, (5, 4))


def shares(*shape: int) -> Any:
    return RNG.dirichlet(np.ones(shape[-1]), shape[:-1])


def rows() -> Arrays:
    return real(5, 4), shares(5, 4) * 2


def numbered() -> Arrays:
    return real(5, 4), np.array([0, 1, 2, 0, 3])


def positive() -> Arrays:
    return real(5, 4), RNG.uniform(0, 3, (5, 4)) * [0, 1, 1, 1]


def logs() -> Arrays:
    return np.log(shares(5, 4)), shares(5, 4)


def paddings(lengths: list[int], size: int) -> Any:
    return (np.arange(size) >= np.array(lengths)[:, None]).astype(float)


def sequences() -> Arrays:
    return real(3, 7, 5), paddings([7, 6, 5], 7), np.array([[1, 2, 2], [3, 4, 0], [0, 0, 0]]), paddings([3, 2, 0], 3)


def regions(*shape: int) -> Any:
    return np.eye(shape[-1])[RNG.integers(0, shape[-1], shape[:-1])]


def images() -> Arrays:
    return real(2, 5, 4, 3), regions(2, 5, 4, 3)


def masks() -> Arrays:
    return real(2, 5, 4), RNG.integers(0, 2, (2, 5, 4)).astype(float)


DICE = grid(smooth=(1.0, 0.1), ignore_background=(False, True))
SOME = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1]], bool)
LISTS = np.array([True, False, True, True, False])
AXES: list[dict[str, Any]] = [{}, {"axis": 0}, {"axis": (0, 1)}, {"axis": None}, {"where": SOME}, {"where": SOME, "axis": 0}]
TABLE: dict[str, Any] = {
    "squared_error": (pair, [{}]),
    "l2_loss": (pair, [{}]),
    "huber_loss": (pair, [{}, {"delta": 0.3}]),
    "log_cosh": (pair, [{}]),
    "cosine_similarity": (pair, [*AXES, {"epsilon": 9.0}]),
    "cosine_distance": (pair, [*AXES, {"epsilon": 9.0}]),
    "triplet_margin_loss": (
        lambda: (real(5, 4), real(5, 4), real(5, 4)),
        [{}, {"axis": 0}, {"norm_degree": 4}, {"margin": 0.1, "eps": 0.1}],
    ),
    "ntxent": (lambda: (real(6, 3), np.array([0, 1, 0, 1, 0, 2])), [{}, {"temperature": 0.5}]),
    "dice_loss": (
        images,
        [*DICE, *grid(reduction=("sum", "none"), class_weights=(None, np.array([1.0, 2, 3]))), {"alpha": 0.2, "beta": 0.9}],
    ),
    "multiclass_generalized_dice_loss": (images, DICE),
    "binary_dice_loss": (masks, [{}, {"smooth": 0.1}]),
    "sigmoid_binary_cross_entropy": (two_classes, [{}]),
    "sigmoid_focal_loss": (two_classes, grid(alpha=(None, 0.25), gamma=(2.0, 0.5))),
    "softmax_cross_entropy": (rows, AXES[:-1]),
    "safe_softmax_cross_entropy": (rows, [{}]),
    "softmax_cross_entropy_with_integer_labels": (lambda: (real(5, 4), np.array([0, 1, 2, 0, 3])), [{}, {"where": SOME}, {"where": LISTS}]),
    "ranking_softmax_loss": (rows, [*grid(where=(None, SOME), weights=(None, np.array([1.0, 2, 3, 4]))), {"where": SOME & LISTS[:, None]}]),
    "kl_divergence": (logs, AXES),
    "hinge_loss": (lambda: (real(5, 4), RNG.choice([-1.0, 1.0], (5, 4))), [{}]),
    "perceptron_loss": (lambda: (real(5, 4), RNG.choice([-1.0, 1.0], (5, 4))), [{}]),
    "sparsemax_loss": (lambda: (real(5, 4), RNG.integers(0, 2, (5, 4))), [{}]),
    "multiclass_hinge_loss": (numbered, [{}]),
    "multiclass_perceptron_loss": (numbered, [{}]),
    "multiclass_sparsemax_loss": (numbered, [{}]),
    "poly_loss_cross_entropy": (rows, [*AXES[:-1], {"epsilon": 0.3}, {"epsilon": -0.5}]),
    "smooth_labels": (lambda: (shares(5, 4), 0.2), [{}, {"axis": 0}, {"where": SOME}]),
    "generalized_kl_divergence": (positive, AXES),
    "convex_kl_divergence": (positive, AXES),
    "kl_divergence_with_log_targets": (lambda: (np.log(shares(5, 4)), np.log(shares(5, 4))), AXES),
    "ctc_loss": (sequences, [{}, {"blank_id": 0}]),
}
# The same functions with other kinds of arrays.
MORE: list[tuple[str, Any, dict[str, Any]]] = [
    ("squared_error", lambda: (real(5),), {}),
    ("l2_loss", lambda: (real(5),), {}),
    ("huber_loss", lambda: (real(5),), {}),
    ("hinge_loss", lambda: (real(5), np.zeros(5)), {}),
    ("multiclass_hinge_loss", lambda: (real(4), np.array(1)), {}),
    ("log_cosh", lambda: (real(5),), {}),
    ("dice_loss", lambda: (shares(2, 5, 3), regions(2, 5, 3)), {"apply_softmax": False}),
    ("dice_loss", masks, {"axis": (0, 1)}),
    ("dice_loss", lambda: (real(2, 5, 1), masks()[1][..., 0]), {}),
    ("binary_dice_loss", lambda: (real(2, 5, 4, 1), masks()[1]), {}),
    ("multiclass_generalized_dice_loss", lambda: (shares(2, 5, 3), regions(2, 5, 3)), {"apply_softmax": False}),
    ("softmax_cross_entropy_with_integer_labels", lambda: (real(4, 5), np.array([0, 1, 2, 0, 3])), {"axis": 0}),
    ("softmax_cross_entropy_with_integer_labels", lambda: (real(5, 2, 3), np.array([0, 1, 5, 0, 3])), {"axis": (1, 2)}),
    ("softmax_cross_entropy_with_integer_labels", numbered, {"where": np.arange(20).reshape(5, 4) % 4 != [[0], [1], [2], [2], [3]]}),
    ("ranking_softmax_loss", lambda: (real(4), np.array([1.0, 0, 2, 0])), {"reduce_fn": None}),
    ("ranking_softmax_loss", rows, {"reduce_fn": None, "where": SOME & LISTS[:, None]}),
    ("ranking_softmax_loss", rows, {"where": np.zeros((5, 4), bool)}),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*convex_kl_divergence:DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    cases(TABLE) + [pytest.param(*case, id=f"{case[0]}-more-{i}") for i, case in enumerate(MORE)],
)
def test_values_agree(name: str, arrays: Any, options: dict[str, Any]) -> None:
    drawn = arrays()
    got = ogive.peer(f"optax.losses.{name}")(*drawn, **options)
    true = np.asarray(getattr(losses, name)(*map(jax.numpy.asarray, drawn), **options))
    assert np.shape(got) == true.shape
    assert np.asarray(got).dtype == np.float64
    np.testing.assert_allclose(got, true, rtol=1e-12, atol=1e-14)


def test_every_function_is_compared() -> None:
    assert {name.rpartition(".")[2] for name in NAMES} == {*TABLE, "make_fenchel_young_loss", "ctc_loss_with_forward_probs"}


def test_fenchel_young_losses_agree() -> None:
    scores, targets = rows()
    made = ogive.peer("optax.losses.make_fenchel_young_loss")(ogive.logsumexp)
    true = losses.make_fenchel_young_loss(jax.nn.logsumexp)(scores, targets)
    np.testing.assert_allclose(made(scores, targets), np.asarray(true), rtol=1e-12)


def test_forward_probabilities_agree() -> None:
    """Where optax's are logarithms of a zero they are about -100,000, and ours -∞."""
    drawn = sequences()
    got = ogive.peer("optax.losses.ctc_loss_with_forward_probs")(*drawn)
    for ours, true in zip(got, losses.ctc_loss_with_forward_probs(*map(jax.numpy.asarray, drawn)), strict=True):
        nothing = np.asarray(true) < -50_000
        np.testing.assert_allclose(ours, np.where(nothing, -np.inf, true), rtol=1e-12)
    assert [each.dtype for each in ogive.peer("optax.losses.ctc_loss_with_forward_probs")(drawn[0].astype(np.float32), *drawn[1:])] == 3 * [
        np.float32
    ]


@pytest.mark.parametrize("name", [*TABLE, "ctc_loss_with_forward_probs"])
def test_signatures(name: str) -> None:
    ours, true = arguments(ogive.peer(f"optax.losses.{name}")), arguments(getattr(losses, name))
    if name == "ranking_softmax_loss":  # the mean is NumPy's here
        ours, true = ours[:-1], true[:-1]
    assert ours == true


@pytest.mark.parametrize("name", TABLE)
def test_float32_stays_float32(name: str) -> None:
    narrow = [array.astype(np.float32) if getattr(array, "dtype", None) == np.float64 else array for array in TABLE[name][0]()]
    assert np.asarray(ogive.peer(f"optax.losses.{name}")(*narrow)).dtype == np.float32


@pytest.mark.parametrize("name", [name for name in TABLE if name != "smooth_labels"])
def test_a_target_is_not_broadcast(name: str) -> None:
    first, second, *others = TABLE[name][0]()
    with pytest.raises(ogive.errors.OgiveError):
        ogive.peer(f"optax.losses.{name}")(first, second[:1], *others, **TABLE[name][1][0])
