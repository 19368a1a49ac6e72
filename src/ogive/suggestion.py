"""What the field's rules of choice suggest for a target: output activation, loss, hidden activation, initialiser, with reasons.

A rule is one entry of a table here; the output activation is not in it, for it is the link of the loss.
"""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ogive import catalogue, targets
from ogive.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Reason:
    """Why something is suggested, and who says so."""

    text: str
    source: str


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

PAIRINGS: dict[str, Pairing] = {
    "two classes": Pairing(
        "binary_cross_entropy",
        "logits",
        Reason("the sigmoid gives the probability of class 1, and with it the gradient is prediction minus target", _CANONICAL),
        (
            Alternative("most of the rows are easy, and of one class", "focal_loss"),
            Alternative("one class is rare, and missing it is dear", "class_weight="),
        ),
    ),
    "classes": Pairing(
        "cross_entropy",
        "logits",
        Reason("softmax gives probabilities that add up to 1, and with it the gradient is prediction minus target", _CANONICAL),
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
        ),
        fast=True,
    ),
    Rule(
        "the network overfits",
        "rrelu",
        Reason(
            "its random slopes in training regularise",
            "B. Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015, arXiv:1505.00853",
        ),
        overfits=True,
    ),
    Rule(
        "the network is a transformer",
        "gelu",
        Reason("the activation of BERT and GPT", "D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016, arXiv:1606.08415"),
        networks=("transformer",),
    ),
    Rule(
        "the layers are dense and stand in a row",
        "selu",
        Reason(
            "such a network normalises itself: the outputs of its layers keep mean 0 and deviation 1",
            "G. Klambauer et al., Self-normalizing neural networks, NeurIPS 2017, arXiv:1706.02515",
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
        ),
        rows=1_000_000,
    ),
    Rule(
        "the network cannot normalise itself",
        "elu",
        Reason(
            "its mean output is near 0 and no unit dies",
            "D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by ELUs, ICLR 2016, arXiv:1511.07289",
        ),
    ),
)
"""The first rule that holds is followed; the others are named as alternatives."""


@dataclass(frozen=True)
class Suggestion:
    """What to start from. Printed, it is a text; its attributes are names of the catalogue, for `ogive.get`.

    Attributes
    ----------
    target : what the target was found to be, such as "counts".
    seen : what in the array says so.
    classes : what each class is called in the target, in the order of their numbers; none where there are none.
    units : numbers in the output layer for each row.
    output : the output activation; None of it belongs into the network where the loss takes logits (`given`).
    loss, given : the loss, and what of the network it takes.
    output_bias : where the last bias may start: the best constant prediction; a list where there are several units.
    hidden, initializer : the hidden activation and the random weights that belong to it.
    conditions : without which the reason for the hidden activation does not hold.
    reasons : for the loss and its output, and for the hidden activation.
    alternatives : when to take another loss, or another hidden activation.
    """

    target: str
    seen: str
    classes: tuple[str, ...]
    units: int
    output: str
    loss: str
    given: str | None
    output_bias: float | list[float]
    hidden: str
    initializer: str
    conditions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and strings."""
        return asdict(self)

    def __str__(self) -> str:
        taken = f'ogive.{self.loss}(…, given="{self.given}")' if self.given else f"ogive.{self.loss}(…)"
        bias = self.output_bias if isinstance(self.output_bias, list) else [self.output_bias]
        shown = ", ".join(f"{each:.4g}" for each in bias[:6]) + (", …" if len(bias) > 6 else "")
        numbered = all(name == str(number) for number, name in enumerate(self.classes))
        named = [] if numbered else [f"{number} is {name}" for number, name in enumerate(self.classes[:6])]
        lines = [
            f"target             {self.target}: {self.seen}",
            *([f"as class numbers   {', '.join(named)}{', …' if len(self.classes) > 6 else ''}"] if named else []),
            f"output activation  {self.output}, {self.units} unit{'s' if self.units > 1 else ''}; last bias {shown}",
            f"loss               {taken}",
            f"hidden activation  {self.hidden}",
            f"initialiser        {self.initializer}",
        ]
        lines += ["", "Why"] + [line for reason in self.reasons for line in (*_wrapped(reason.text), f"      {reason.source}")]
        if self.conditions:
            lines += ["", f"Only if, for {self.hidden}"] + [line for condition in self.conditions for line in _wrapped(condition)]
        lines += ["", "Otherwise"] + [line for other in self.alternatives for line in _wrapped(f"{other.when}: {other.choice}")]
        return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent="  - ", subsequent_indent="    ")


def suggest(target: Any, *, network: str = "dense", fast: bool = False, overfits: bool = False, rows: int | None = None) -> Suggestion:
    """Where to start for a target: output activation, loss, hidden activation and initialiser, with reasons and references.

    The rules are those that the field goes by; which activation is better on given data, `ogive compare` measures.

    Parameters
    ----------
    target : array of shape (rows,) or (rows, outputs): booleans, whole or real numbers, or text.
    network : "dense" (layers in a row), "residual" (skips), "convolutional", "recurrent" or "transformer".
    fast : whether speed counts most.
    overfits : whether the network does better in training than in tests.
    rows : how many rows there are to train on; those of `target` by default.

    Returns
    -------
    Suggestion

    Raises
    ------
    InputError (a ValueError) for a target without rows, with missing values or with one value only, or an unknown network.

    Examples
    --------
    >>> found = ogive.suggest([0, 1, 1, 0, 1])
    >>> found.output, found.loss, found.hidden, found.initializer
    ('sigmoid', 'binary_cross_entropy', 'selu', 'lecun_normal')
    >>> ogive.suggest(["cat", "dog", "cow"], network="residual").hidden
    'elu'
    """
    if network not in NETWORKS:
        raise InputError(f"suggest: unknown network {network!r}{did_you_mean(str(network), list(NETWORKS))}")
    found = targets.classified(target)
    pairing = PAIRINGS[found.kind]
    loss = catalogue.get(pairing.loss, "loss")
    term = loss.forms[pairing.given] if pairing.given else loss.term
    form = {"given": pairing.given} if pairing.given else {}
    known = Circumstances(network, fast, overfits, len(found.numbers) if rows is None else rows)
    rule = next(rule for rule in RULES if rule.holds(known))
    others = tuple(Alternative(other.when, other.hidden) for other in RULES if other.hidden != rule.hidden)
    return Suggestion(
        target=found.kind,
        seen=found.seen,
        classes=found.classes,
        units=found.units,
        output=term.link,
        loss=loss.name,
        given=pairing.given,
        output_bias=_start(loss, form, found),
        hidden=rule.hidden,
        initializer=catalogue.get(rule.hidden).initializer,
        conditions=rule.conditions,
        reasons=(pairing.why, rule.why),
        alternatives=(*pairing.alternatives, *others, Alternative("there is time to measure", "ogive compare, on your data")),
    )


def _start(loss: Any, form: dict[str, Any], found: targets.Finding) -> Any:
    """The best constant prediction, one for each unit; a class that never occurs counts as half a row, so that no bias is infinite."""
    numbers = found.numbers
    if loss.term.target is None:
        return np.apply_along_axis(loss.best_constant, 0, numbers, **form).tolist()
    if found.kind == "classes":
        numbers = (numbers[:, None] == np.arange(found.units)).astype(np.float64)
    half_a_row = 0.5 / len(numbers)
    return loss.inverse_link(np.clip(numbers.mean(axis=0), half_a_row, 1 - half_a_row), **form).tolist()
