"""Other libraries' losses are found by their full names, and every one that we know of is there, or a name of its entry."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import pytest

import ogive

# Every loss of the installed libraries, by getattr: torch.nn.functional and torch.nn.modules.loss.__all__, keras.losses, optax.losses, and
# those of scikit-learn. A name of two parts is the function's and the class's.
TORCH = """
mse_loss MSELoss l1_loss L1Loss smooth_l1_loss SmoothL1Loss huber_loss HuberLoss poisson_nll_loss PoissonNLLLoss gaussian_nll_loss
GaussianNLLLoss cosine_similarity binary_cross_entropy BCELoss binary_cross_entropy_with_logits BCEWithLogitsLoss soft_margin_loss
SoftMarginLoss cross_entropy CrossEntropyLoss nll_loss NLLLoss linear_cross_entropy kl_div KLDivLoss multi_margin_loss MultiMarginLoss
multilabel_margin_loss MultiLabelMarginLoss multilabel_soft_margin_loss MultiLabelSoftMarginLoss cosine_embedding_loss CosineEmbeddingLoss
hinge_embedding_loss HingeEmbeddingLoss margin_ranking_loss MarginRankingLoss triplet_margin_loss TripletMarginLoss
triplet_margin_with_distance_loss TripletMarginWithDistanceLoss ctc_loss CTCLoss
"""
KERAS = """
mean_squared_error MeanSquaredError mean_absolute_error MeanAbsoluteError huber Huber log_cosh LogCosh mean_squared_logarithmic_error
MeanSquaredLogarithmicError mean_absolute_percentage_error MeanAbsolutePercentageError poisson Poisson cosine_similarity CosineSimilarity
binary_crossentropy BinaryCrossentropy sparse_categorical_crossentropy SparseCategoricalCrossentropy categorical_crossentropy
CategoricalCrossentropy kl_divergence KLDivergence binary_focal_crossentropy BinaryFocalCrossentropy categorical_focal_crossentropy
CategoricalFocalCrossentropy categorical_generalized_cross_entropy CategoricalGeneralizedCrossEntropy hinge Hinge squared_hinge SquaredHinge
categorical_hinge CategoricalHinge dice Dice tversky Tversky circle Circle ctc CTC
"""
OPTAX = """
squared_error l2_loss huber_loss log_cosh cosine_similarity cosine_distance sigmoid_binary_cross_entropy
softmax_cross_entropy_with_integer_labels softmax_cross_entropy safe_softmax_cross_entropy smooth_labels kl_divergence
kl_divergence_with_log_targets convex_kl_divergence generalized_kl_divergence sigmoid_focal_loss poly_loss_cross_entropy hinge_loss
perceptron_loss multiclass_hinge_loss multiclass_perceptron_loss sparsemax_loss multiclass_sparsemax_loss make_fenchel_young_loss dice_loss
binary_dice_loss multiclass_generalized_dice_loss triplet_margin_loss ntxent ranking_softmax_loss ctc_loss ctc_loss_with_forward_probs
"""
SKLEARN = """
_loss.loss.HalfSquaredError _loss.loss.AbsoluteError _loss.loss.HuberLoss _loss.loss.PinballLoss _loss.loss.HalfPoissonLoss
_loss.loss.HalfGammaLoss _loss.loss.HalfTweedieLoss _loss.loss.HalfTweedieLossIdentity _loss.loss.HalfBinomialLoss
_loss.loss.HalfMultinomialLoss _loss.loss.ExponentialLoss
neural_network._base.squared_loss neural_network._base.poisson_loss neural_network._base.binary_log_loss neural_network._base.log_loss
linear_model._sgd_fast.EpsilonInsensitive linear_model._sgd_fast.SquaredEpsilonInsensitive linear_model._sgd_fast.Hinge
linear_model._sgd_fast.SquaredHinge linear_model._sgd_fast.ModifiedHuber
metrics.mean_squared_error metrics.root_mean_squared_error metrics.mean_absolute_error metrics.mean_squared_log_error
metrics.root_mean_squared_log_error metrics.mean_absolute_percentage_error metrics.mean_pinball_loss metrics.median_absolute_error
metrics.max_error metrics.mean_poisson_deviance metrics.mean_gamma_deviance metrics.mean_tweedie_deviance metrics.log_loss
metrics.hinge_loss metrics.brier_score_loss metrics.zero_one_loss metrics.hamming_loss metrics.label_ranking_loss metrics.coverage_error
"""
EXPECTED = [
    *(f"torch.nn.{name}" if name[0].isupper() else f"torch.nn.functional.{name}" for name in TORCH.split()),
    *(f"keras.losses.{name}" for name in KERAS.split()),
    *("keras.metrics.RootMeanSquaredError", "keras.metrics.PearsonCorrelation", "keras.metrics.ConcordanceCorrelation"),
    *("keras.distillation.LogitsDistillation", "keras.distillation.FeatureDistillation"),
    *(f"optax.losses.{name}" for name in OPTAX.split()),
    *(f"sklearn.{name}" for name in SKLEARN.split()),
]


def found(name: str) -> bool:
    """As another library's function, or else as a name of an entry."""
    for find, spelling in ((ogive.peer, name), (ogive.get, name.rpartition(".")[2])):
        try:
            find(spelling)
        except ogive.errors.UnknownNameError:
            continue
        return True
    return False


def test_no_loss_of_the_peers_is_missing() -> None:
    assert [name for name in EXPECTED if not found(name)] == []


EVERY = [(entry, name, function) for entry in map(ogive.get, ogive.names("loss")) for name, function in entry.peers.items()]


@pytest.mark.parametrize(("entry", "name", "function"), EVERY, ids=[name for _, name, _ in EVERY])
def test_each_is_found_and_said_of_its_entry(entry: Any, name: str, function: Any) -> None:
    assert ogive.peer(name) is function
    assert f"* {name}(" in entry.__doc__
    assert function.__doc__
    assert " at 0x" not in entry.__doc__, "a function is shown by its name"


def test_what_an_entry_knows_is_read_only() -> None:
    with pytest.raises(TypeError):
        ogive.mean_squared_error.peers["mine"] = print


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "keras.losses.binary_crossentropi",
            "unknown name 'keras.losses.binary_crossentropi'; did you mean 'keras.losses.binary_crossentropy'?",
        ),
        ("torch.nn.MseLoss", "unknown name 'torch.nn.MseLoss'; did you mean 'torch.nn.MSELoss'?"),
        (
            "F.cross_entropy",
            "unknown name 'F.cross_entropy'; did you mean 'lightgbm.cross_entropy' or 'torch.nn.functional.cross_entropy'?",
        ),
        ("", "unknown name ''; every loss lists those that are made of it, as in list(ogive.huber.peers)"),
        ("optax.squared_error", "unknown name 'optax.squared_error'; did you mean 'optax.losses.squared_error'?"),
    ],
)
def test_a_misspelling_gets_a_suggestion(name: str, message: str) -> None:
    with pytest.raises(ogive.errors.UnknownNameError) as caught:
        ogive.peer(name)
    assert str(caught.value) == message


def test_a_class_that_is_given_arrays_says_what_it_takes() -> None:
    with pytest.raises(
        ogive.errors.InputTypeError, match=r"too many .*; it is called with \(weight=None, .*\), and gives a function of the arrays"
    ):
        ogive.peer("torch.nn.CrossEntropyLoss")([[1.0, 2.0]], [0])


def test_a_name_that_is_no_string() -> None:
    with pytest.raises(ogive.errors.InputTypeError, match="name must be a string"):
        ogive.peer(3)


def test_the_example_runs() -> None:
    outcome = doctest.testmod(importlib.import_module("ogive.peers.registry"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
