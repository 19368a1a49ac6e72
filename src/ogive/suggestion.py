"""What the field's rules of choice suggest for a target: output activation, loss, hidden activation, initialiser, with reasons."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ogive import catalogue, targets
from ogive.choices import NETWORKS, PAIRINGS, RULES, TASKS, Alternative, Circumstances, Reason
from ogive.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Suggestion:
    """What to start from. Printed, it is a text; its attributes are names of the catalogue, for `ogive.get`.

    Attributes
    ----------
    target : what the target was found to be, such as "counts".
    seen : what in the array says so.
    classes : what each class is called in the target, in the order of their numbers; none where there are none.
    units : numbers in the output layer for each row; None where a task was given and no target.
    output : the output activation; None of it belongs into the network where the loss takes logits (`given`).
    loss, given : the loss, and what of the network it takes.
    output_bias : where the last bias may start: the best constant prediction; a list where there are several units; None without a target.
    hidden, initializer : the hidden activation and the random weights that belong to it.
    conditions : without which the reason for the hidden activation does not hold.
    reasons : for the loss and its output, and for the hidden activation; a reason's `trials` have the verdicts of recipes that try it.
    alternatives : when to take another loss, or another hidden activation.
    """

    target: str
    seen: str
    classes: tuple[str, ...]
    units: int | None
    output: str
    loss: str
    given: str | None
    output_bias: float | list[float] | None
    hidden: str
    initializer: str
    conditions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists and strings."""
        reasons = [{**asdict(each), "verdicts": [verdict for trial in each.trials for verdict in trial.verdicts]} for each in self.reasons]
        return {**asdict(self), "reasons": reasons}

    def __str__(self) -> str:
        taken = f'ogive.{self.loss}(…, given="{self.given}")' if self.given else f"ogive.{self.loss}(…)"
        numbered = all(name == str(number) for number, name in enumerate(self.classes))
        named = [] if numbered else [f"{number} is {name}" for number, name in enumerate(self.classes[:6])]
        lines = [
            f"target             {self.target}: {self.seen}",
            *([f"as class numbers   {', '.join(named)}{', …' if len(self.classes) > 6 else ''}"] if named else []),
            f"output activation  {self.output}{self._units()}",
            f"loss               {taken}",
            f"hidden activation  {self.hidden}",
            f"initialiser        {self.initializer}",
        ]
        lines += ["", "Why"] + [line for reason in self.reasons for line in _reasoned(reason)]
        if self.conditions:
            lines += ["", f"Only if, for {self.hidden}"] + [line for condition in self.conditions for line in _wrapped(condition)]
        lines += ["", "Otherwise"] + [line for other in self.alternatives for line in _wrapped(f"{other.when}: {other.choice}")]
        return "\n".join(lines)

    def _units(self) -> str:
        if self.units is None:
            return ""
        bias = self.output_bias if isinstance(self.output_bias, list) else [self.output_bias]
        shown = ", ".join(f"{each:.4g}" for each in bias[:6]) + (", …" if len(bias) > 6 else "")
        return f", {self.units} unit{'s' if self.units > 1 else ''}; last bias {shown}"


def _reasoned(reason: Reason) -> list[str]:
    """A reason with its source, and what came out when recipes of ours tried it."""
    lines = [*_wrapped(reason.text), f"      {reason.source}"]
    for trial in reason.trials:
        tried = f"tried by ogive recipe {trial.recipe}: {' '.join(trial.verdicts)}"
        lines += textwrap.wrap(tried, 100, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False)
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent="  - ", subsequent_indent="    ")


def suggest(target: Any, *, network: str = "dense", fast: bool = False, overfits: bool = False, rows: int | None = None) -> Suggestion:
    """Where to start for a target or a task: output activation, loss, hidden activation and initialiser, with reasons and references.

    The rules are those that the field goes by; which activation is better on given data, `ogive compare` measures.

    Parameters
    ----------
    target : array of shape (rows,) or (rows, outputs): booleans, whole or real numbers, or text. Or the name of a task: "binary",
        "multiclass", "multilabel", "regression", or a kind of target such as "counts".
    network : "dense" (layers in a row), "residual" (skips), "convolutional", "recurrent" or "transformer".
    fast : whether speed counts most.
    overfits : whether the network does better in training than in tests.
    rows : how many rows there are to train on; those of `target` by default.

    Returns
    -------
    Suggestion

    Raises
    ------
    InputError (a ValueError) for a target without rows, with missing values or with one value only, or an unknown task or network.

    Examples
    --------
    >>> found = ogive.suggest([0, 1, 1, 0, 1])
    >>> found.output, found.loss, found.hidden, found.initializer
    ('sigmoid', 'binary_cross_entropy', 'selu', 'lecun_normal')
    >>> ogive.suggest("regression").loss
    'mean_squared_error'
    >>> ogive.suggest(["cat", "dog", "cow"], network="residual").hidden
    'elu'
    """
    if network not in NETWORKS:
        raise InputError(f"suggest: unknown network {network!r}{did_you_mean(str(network), list(NETWORKS))}")
    found = _of_task(target) if isinstance(target, str) else targets.classified(target)
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
        units=found.units or None,
        output=term.link,
        loss=loss.name,
        given=pairing.given,
        output_bias=_start(loss, form, found) if found.units else None,
        hidden=rule.hidden,
        initializer=catalogue.get(rule.hidden).initializer,
        conditions=rule.conditions,
        reasons=(pairing.why, rule.why),
        alternatives=(*pairing.alternatives, *others, Alternative("there is time to measure", "ogive compare, on your data")),
    )


def _of_task(name: str) -> targets.Finding:
    """What its name says of a target that nobody has seen."""
    kind = TASKS.get(name, name)
    if kind not in PAIRINGS:
        raise InputError(f"suggest: unknown task {name!r}{did_you_mean(name, [*TASKS, *PAIRINGS])}")
    return targets.Finding(kind, "as named", 0, np.zeros(0))


def _start(loss: Any, form: dict[str, Any], found: targets.Finding) -> Any:
    """The best constant prediction, one for each unit; a class that never occurs counts as half a row, so that no bias is infinite."""
    numbers = found.numbers
    if loss.term.target is None:
        return np.apply_along_axis(loss.best_constant, 0, numbers, **form).tolist()
    if found.kind == "classes":
        numbers = (numbers[:, None] == np.arange(found.units)).astype(np.float64)
    half_a_row = 0.5 / len(numbers)
    return loss.inverse_link(np.clip(numbers.mean(axis=0), half_a_row, 1 - half_a_row), **form).tolist()
