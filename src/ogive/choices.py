"""The field's rules of choice, as data: a loss for each kind of target, a hidden activation for each kind of network, and why.

The output activation is not in them, for it is the link of the loss.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ogive.verdict import Verdict, from_json


@dataclass(frozen=True)
class Trial:
    """A recipe of ours that tries a reason, and how those of its verdicts begin that speak of it."""

    recipe: str
    begins: str = ""

    @property
    def verdicts(self) -> list[Verdict]:
        """What came out when the recipe was run as it is."""
        return [sentence for sentence in verdicts()[self.recipe] if sentence.startswith(self.begins)]


@cache
def verdicts() -> dict[str, list[Verdict]]:
    """The sentences of every recipe that was run; ``docs/recipes.py`` writes them."""
    written = json.loads((files("ogive") / "verdicts.json").read_text(encoding="utf-8"))
    return {recipe: from_json(sentences) for recipe, sentences in written.items()}


@dataclass(frozen=True)
class Reason:
    """Why something is suggested, who says so, and which recipes of ours try it."""

    text: str
    source: str
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True)
class Alternative:
    """Another choice, and when to prefer it."""

    when: str
    choice: str


@dataclass(frozen=True)
class Pairing:
    """The loss for a kind of target; with its form, its link is the output activation."""

    loss: str
    given: str | None
    why: Reason
    alternatives: tuple[Alternative, ...] = ()


_MARGIN_OF_ERROR = Alternative("a range is wanted and not one number", "pinball, once for each quantile")
_SQUARES = Reason(
    "squared error is the likelihood of errors that are normal with one spread, and the identity leaves the output any real number",
    "C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, sections 5.2 and 4.3.6",
)
_CANONICAL = "C. M. Bishop, Pattern Recognition and Machine Learning, Springer 2006, section 5.2 and equation 5.18"
_LOG_LINK = "P. McCullagh, J. Nelder, Generalized Linear Models, 2nd ed., Chapman & Hall 1989"

_LOSS_SURFACES = (Trial("loss-surfaces", "Where the right class"),)
_DYING = "dying-relu"

PAIRINGS: dict[str, Pairing] = {
    "two classes": Pairing(
        "binary_cross_entropy",
        "logits",
        Reason(
            "the sigmoid gives the probability of class 1, and with it the gradient is prediction minus target",
            _CANONICAL,
            _LOSS_SURFACES,
        ),
        (
            Alternative("most of the rows are easy, and of one class", "focal_loss"),
            Alternative("one class is rare, and missing it is dear", "class_weight="),
        ),
    ),
    "classes": Pairing(
        "cross_entropy",
        "logits",
        Reason(
            "softmax gives probabilities that add up to 1, and with it the gradient is prediction minus target",
            _CANONICAL,
            _LOSS_SURFACES,
        ),
        (
            Alternative("the network is surer than it is right", "label_smoothing="),
            Alternative("some classes are rare, and missing them is dear", "class_weight="),
        ),
    ),
    "shares": Pairing(
        "cross_entropy",
        "logits",
        Reason("softmax gives shares that add up to 1, and cross-entropy is least at the target's own", _CANONICAL),
        (Alternative("the loss should be 0 where the prediction is perfect", "kl_divergence"),),
    ),
    "labels": Pairing(
        "binary_cross_entropy",
        "logits",
        Reason("each label is a question of its own, so each has a sigmoid; softmax would let one label only be likely", _CANONICAL),
        (Alternative("labels are rare, so that most of the answers are easy", "focal_loss"),),
    ),
    "proportions": Pairing(
        "binary_cross_entropy",
        "logits",
        Reason(
            "the sigmoid keeps the prediction between 0 and 1, and the loss takes shares as well as classes",
            "L. Papke, J. Wooldridge, Econometric methods for fractional response variables, J. Appl. Econometrics 11, 1996",
        ),
    ),
    "counts": Pairing(
        "poisson",
        "log_rates",
        Reason("the exponential keeps a rate positive, and the variance of a count grows with it", f"{_LOG_LINK}, chapter 6"),
        (
            Alternative("the numbers vary much more than their mean", "negative_binomial"),
            Alternative("they are measured in whole units and not counted", "mean_squared_error"),
        ),
    ),
    "positive numbers": Pairing(
        "gamma_nll",
        "log_means",
        Reason("the exponential keeps the prediction positive, and errors grow in proportion to it", f"{_LOG_LINK}, chapter 8"),
        (Alternative("relative errors count, in the target's own unit", "mean_squared_error of the logarithm of the target"),),
    ),
    "amounts": Pairing(
        "tweedie",
        "log_means",
        Reason(
            "with a power between 1 and 2 this is the likelihood of sums of positive parts, of which there may be none",
            "B. Jørgensen, Exponential dispersion models, J. Royal Stat. Soc. B 49, 1987",
        ),
    ),
    "real numbers with outliers": Pairing(
        "huber",
        None,
        Reason(
            "its slope is bounded, so that a few rows far out do not decide",
            "P. Huber, Robust estimation of a location parameter, Ann. Math. Stat. 35, 1964",
        ),
        (Alternative("the far rows are right, and count", "mean_squared_error"), _MARGIN_OF_ERROR),
    ),
    "real numbers": Pairing(
        "mean_squared_error",
        None,
        _SQUARES,
        (Alternative("some rows lie far out", "huber or mean_absolute_error"), _MARGIN_OF_ERROR),
    ),
}

TASKS = {"binary": "two classes", "multiclass": "classes", "multilabel": "labels", "regression": "real numbers"}
"""What the kinds of target are called as tasks."""


@dataclass(frozen=True)
class Circumstances:
    """What is known of the network and of the training."""

    network: str
    fast: bool
    overfits: bool
    rows: int


@dataclass(frozen=True)
class Rule:
    """A hidden activation, and when it is chosen; `conditions` are those without which the reason does not hold."""

    when: str
    hidden: str
    why: Reason
    networks: tuple[str, ...] = ()
    fast: bool = False
    overfits: bool = False
    rows: int = 0
    conditions: tuple[str, ...] = ()

    def holds(self, known: Circumstances) -> bool:
        """Whether everything that this rule asks for is so."""
        return (
            (not self.networks or known.network in self.networks)
            and known.fast >= self.fast
            and known.overfits >= self.overfits
            and known.rows >= self.rows
        )


NETWORKS = ("dense", "residual", "convolutional", "recurrent", "transformer")

RULES = (
    Rule(
        "the network is recurrent",
        "tanh",
        Reason(
            "the cells of an LSTM keep their state between -1 and 1 by tanh and open and close their gates by the sigmoid",
            "S. Hochreiter, J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997; F. Gers et al., 2000",
            (Trial("vanishing-gradient", "tanh"),),
        ),
        networks=("recurrent",),
        conditions=("the gates take the sigmoid, the state tanh",),
    ),
    Rule(
        "speed counts most",
        "relu",
        Reason(
            "it costs one comparison, and libraries and accelerators are tuned for it; where units die, leaky_relu costs hardly more",
            "X. Glorot, A. Bordes, Y. Bengio, Deep sparse rectifier neural networks, AISTATS 2011",
            (Trial(_DYING, "relu:"),),
        ),
        fast=True,
    ),
    Rule(
        "the network overfits",
        "rrelu",
        Reason(
            "its random slopes in training regularise",
            "B. Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015, arXiv:1505.00853",
            (Trial(_DYING, "No unit was dead"),),
        ),
        overfits=True,
    ),
    Rule(
        "the network is a transformer",
        "gelu",
        Reason(
            "the activation of BERT and GPT",
            "D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, arXiv:1606.08415",
            (Trial(_DYING, "gelu:"),),
        ),
        networks=("transformer",),
    ),
    Rule(
        "the layers are dense and stand in a row",
        "selu",
        Reason(
            "such a network normalises itself: the outputs of its layers keep mean 0 and deviation 1",
            "G. Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, arXiv:1706.02515",
            (Trial("vanishing-gradient", "selu"), Trial("self-normalisation", "selu lecun_normal:"), Trial("selu-conditions")),
        ),
        networks=("dense",),
        conditions=(
            "the inputs are standardised (mean 0, deviation 1)",
            "every hidden layer starts from LeCun's normal weights",
            "the layers follow one another, without skips and recurrence",
        ),
    ),
    Rule(
        "the training set is very large",
        "prelu",
        Reason(
            "a learned slope is better on large sets of images, and overfits small ones",
            "K. He et al., Delving deep into rectifiers, ICCV 2015, arXiv:1502.01852",
            (Trial(_DYING, "No unit was dead"),),
        ),
        rows=1_000_000,
    ),
    Rule(
        "the network cannot normalise itself",
        "elu",
        Reason(
            "its mean output is near 0 and no unit dies",
            "D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by ELUs, ICLR 2016, arXiv:1511.07289",
            (Trial(_DYING, "elu:"),),
        ),
    ),
)
"""The first rule that holds is followed; the others are named as alternatives."""
