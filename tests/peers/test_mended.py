"""Where another library's numbers are wrong at ordinary inputs, our function under its name gives the right one.

Both are called with the same arrays; the right numbers are of 50 digits or follow from the formula.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import ogive

F32, F64, INF = np.float32, np.float64, np.inf


def row(*numbers: float, dtype: Any = F64) -> Any:
    return np.array([numbers], dtype)


def softplus(x: float) -> float:
    return float(np.logaddexp(0.0, x))


ONE_HOT = row(1, 0, 0)
MASKED = row(0, -INF, 1)
HALVES = np.log(row(0.5, 0.5))
BIG = row(1e7, 1e7, 1e7 - 1, dtype=F32)
# The function, its arrays and options, the right value, to how many digits of it (relative).
WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], float, float]] = [
    # Keras makes probabilities of logits and clips them: the worst predictions cost 16.1.
    ("keras.losses.binary_focal_crossentropy", (row(1), row(-100)), {"from_logits": True}, 100, 1e-12),
    ("keras.losses.categorical_focal_crossentropy", (ONE_HOT, row(0, 40, 0)), {"from_logits": True}, 10, 1e-12),
    # exp overflows on the confidently wrong side.
    ("torch.nn.functional.soft_margin_loss", (row(-89, dtype=F32), row(1, dtype=F32)), {}, 89, 1e-6),
    ("torch.nn.functional.soft_margin_loss", (row(-812), row(1)), {}, 812, 1e-12),
    # The loss of class 0 is 0 from a logit of -15 (float32) and -33.3 (float64) down.
    ("torch.nn.functional.binary_cross_entropy_with_logits", (row(-15, dtype=F32), row(0, dtype=F32)), {}, softplus(-15), 1e-6),
    ("torch.nn.functional.binary_cross_entropy_with_logits", (row(-34), row(0)), {}, softplus(-34), 1e-12),
    ("keras.losses.binary_crossentropy", (row(0, dtype=F32), row(-15, dtype=F32)), {"from_logits": True}, softplus(-15), 1e-6),
    # The label's logit is subtracted from the logsumexp of large ones.
    ("optax.losses.softmax_cross_entropy_with_integer_labels", (BIG, np.array([0])), {}, 0.861994804058251, 1e-6),
    ("sklearn._loss.loss.HalfMultinomialLoss", (row(0, dtype=F32)[0], BIG), {}, 0.861994804058251, 1e-6),
    # A confidently right class costs nothing from a margin of 17 (float32) or 37 (float64).
    ("torch.nn.functional.cross_entropy", (row(17, 0, 0, dtype=F32), np.array([0])), {}, 8.279875e-08, 1e-6),
    ("torch.nn.functional.cross_entropy", (row(37, 0, 0), np.array([0])), {}, 1.7066095e-16, 1e-7),
    ("optax.losses.softmax_cross_entropy", (row(37, 0, 0), ONE_HOT), {}, 1.7066095e-16, 1e-7),
    ("sklearn._loss.loss.HalfMultinomialLoss", (row(0)[0], row(37, 0, 0)), {}, 1.7066095e-16, 1e-7),
    # 0 · ∞ of an impossible class is NaN.
    ("torch.nn.functional.cross_entropy", (MASKED, ONE_HOT), {}, 1.3132616875182228, 1e-12),
    ("keras.losses.categorical_crossentropy", (ONE_HOT, MASKED), {"from_logits": True}, 1.3132616875182228, 1e-12),
    ("optax.losses.softmax_cross_entropy", (MASKED, ONE_HOT), {}, 1.3132616875182228, 1e-12),
    # NaN where both are 0, or where the logarithm of the target is -∞.
    ("torch.nn.functional.kl_div", (row(-INF, 0), row(0, 1)), {"reduction": "sum"}, 0, 0),
    ("torch.nn.functional.kl_div", (HALVES, row(-INF, 0)), {"reduction": "sum", "log_target": True}, 0.6931471805599453, 1e-12),
    ("optax.losses.kl_divergence", (row(-INF, 0), row(0, 1)), {}, 0, 0),
    ("optax.losses.kl_divergence_with_log_targets", (HALVES, row(-INF, 0)), {}, 0.6931471805599453, 1e-12),
    # Small errors lose all their digits.
    ("optax.losses.log_cosh", (row(1e-4, dtype=F32),), {}, 5e-9, 1e-6),
    ("keras.losses.log_cosh", (row(0, dtype=F32), row(1e-3, dtype=F32)), {}, 4.99999917e-7, 1e-6),
    # 0 · ∞ of what has no share.
    ("sklearn._loss.loss.ExponentialLoss", (row(1)[0], row(1000)[0]), {}, 0, 0),
    # log1p(e^x) - x cancels.
    ("sklearn._loss.loss.HalfBinomialLoss", (row(1)[0], row(18.04)[0]), {}, softplus(-18.04), 1e-12),
    # Squared lengths vanish, or overflow.
    ("optax.losses.cosine_similarity", (row(0, 0), row(1, 0)), {}, 0, 0),
    ("optax.losses.cosine_distance", (row(1e25, 0, dtype=F32), row(1, 0, dtype=F32)), {}, 0, 1e-6),
    ("torch.nn.functional.cosine_similarity", (row(1e25, 0, dtype=F32), row(1, 0, dtype=F32)), {}, 1, 1e-6),
    ("keras.losses.cosine_similarity", (row(1, 0, dtype=F32), row(1e25, 0, dtype=F32)), {}, -1, 1e-6),
    # Probabilities of a mask need not sum to 1 over the last axis: 1 - (0.9 + 1) / (0.9 + 0.1 / 2 + 0.2 / 2 + 1).
    ("optax.losses.binary_dice_loss", (row(0.9, 0.2), row(1, 0)), {"apply_sigmoid": False}, 1 - 1.9 / 2.05, 1e-12),
    # 0 / 0 where every target is ignored.
    ("torch.nn.functional.cross_entropy", (row(1, 2, 3), np.array([-100])), {}, 0, 0),
]  # fmt: skip


def theirs(name: str, arrays: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """The installed library's value; NaN where it refuses."""
    library = name.partition(".")[0]
    pytest.importorskip(library)
    module, _, attribute = name.rpartition(".")
    function = getattr(importlib.import_module(module), attribute)
    if library == "torch":
        torch = importlib.import_module("torch")
        return function(*map(torch.tensor, arrays), **options).numpy()
    if library == "keras":
        ops = importlib.import_module("keras").ops
        return np.asarray(function(*(ops.convert_to_tensor(array, dtype=array.dtype.name) for array in arrays), **options))
    if library == "optax":
        jax = importlib.import_module("jax")
        with jax.enable_x64(True):
            try:
                return np.asarray(function(*map(jax.numpy.asarray, arrays), **options))
            except ValueError:
                return np.nan
    return function(**options).loss(*arrays) if "._loss." in name else function(*arrays, **options)


@pytest.mark.parametrize(("name", "arrays", "options", "true", "rtol"), WRONG)
def test_ours_is_right_where_theirs_is_wrong(name: str, arrays: Any, options: dict[str, Any], true: float, rtol: float) -> None:
    ours = ogive.peer(name)
    got = ours(**options).loss(*arrays) if "._loss." in name else ours(*arrays, **options)
    np.testing.assert_allclose(np.ravel(got), true, rtol=rtol)
    assert not np.allclose(np.ravel(theirs(name, arrays, options)), true, rtol=10 * rtol, atol=0)


KEPT: list[tuple[str, tuple[Any, ...], dict[str, Any], float]] = [
    ("keras.losses.binary_crossentropy", (row(1), row(1e-30)), {}, 16.11809565095832),
    ("torch.nn.functional.binary_cross_entropy", (row(0), row(1)), {}, 100),
    ("sklearn.metrics.log_loss", (np.array([1, 0]), np.array([1e-30, 0.0])), {}, 36.04365338911715 / 2),
    ("torch.nn.functional.poisson_nll_loss", (row(0), row(2)), {"full": True}, 1 + np.log(4) - 2 + np.log(4 * np.pi) / 2),
    ("torch.nn.functional.poisson_nll_loss", (row(1e-10), row(2)), {"log_input": False}, 1e-10 - 2 * np.log(1e-10 + 1e-8)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arrays", "options", "value"), KEPT)
def test_what_a_library_documents_is_kept(name: str, arrays: Any, options: dict[str, Any], value: float) -> None:
    """Clips, floors and Stirling's approximation: there the entries themselves are right."""
    np.testing.assert_allclose(np.ravel(ogive.peer(name)(*arrays, **options)), value, rtol=1e-8)
    np.testing.assert_allclose(np.ravel(theirs(name, arrays, options)), value, rtol=1e-7)
