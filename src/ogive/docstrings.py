"""What the docstring of a loss says of the rules that it takes, which its signature names too, of what it gives, and of its claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ogive import links
from ogive.batch import Rules
from ogive.term import Term

_TAKES: Mapping[str, Callable[[Term], bool]] = {
    "axis": lambda term: term.along_axis,
    "class_weight": lambda term: term.weighs_classes,
    "pos_weight": lambda term: term.binary and term.weighs_classes and term.linear,
    "ignore_index": lambda term: term.classes is not None or any(each.role == "distribution" for each in term.inputs),
    "labels": lambda term: term.binary,
    "label_smoothing": lambda term: term.target is not None,
}
_ABOUT = {
    "reduction": "'mean' (weighted: Σ w·term / Σ w), 'mean_over_all' (Σ w·term / number of terms), 'sum' or 'none'; {default!r} by default",
    "axis": "that of what one term is made of (int, tuple of ints, or None for all); {axis}",
    "sample_weight": "not negative, one for each term",
    "class_weight": "one for each class, in order, or a dict or Series by class numbers (1 if left out), or 'balanced', scikit-learn's: "
    "the classes of this call count the same; a soft target has their mean",
    "pos_weight": "not negative, a number or one for each class along the last axis; multiplies what class 1 costs, not the mean's divisor",
    "mask": "booleans, one for each term, True for what counts",
    "ignore_index": "the class number of terms that do not count",
    "labels": "the two numbers that stand for class 0 and class 1, (0, 1) by default; a soft target lies between them",
    "label_smoothing": "from 0 to 1; how far a target of classes is moved towards equal shares",
}

RAISES = "ValueError for shapes that do not fit, values outside their bounds, unknown choices; TypeError for what is not real numbers."


def defaults(term: Term) -> dict[str, Any]:
    """The rules that these terms take, in order, with their defaults."""
    fields = Rules.__dataclass_fields__.values()
    return {each.name: each.default for each in fields if each.name not in _TAKES or _TAKES[each.name](term)}


def rules(term: Term, reduction: str) -> str:
    """A line for each of them."""
    axis = "to be said where there are several" if term.of_pixels else "the last by default"
    return "".join(f"{name} : {_ABOUT[name].format(default=reduction, axis=axis)}\n" for name in defaults(term))


def returns(entry: Any) -> str:
    """What the calls of the loss give."""
    names = [each.name for each in entry.term.differentiated]
    by = f"{names[0]}, in its shape" if len(names) == 1 else f"{', '.join(names)}: a tuple, each in its shape"
    hessians, majorised = _hessians(entry), entry.term.majorant
    return (
        "The loss, a number, or with reduction='none' an array of terms; the dtype is that of the prediction, NaN in gives NaN out.\n"
        f"gradient(...) is its gradient by {by}; value_and_gradient(...) gives both in one pass.\n"
        + (f"hessian(...) is the diagonal of its second derivative by {names[0]}: {hessians}.\n" if hessians else "")
        + ("majorant(...) is what to divide by in its place: never less, and positive where there is a slope.\n" if majorised else "")
        + "sum_and_weight(...) is what a mean is made of, to add up over micro-batches."
    )


def facts(entry: Any) -> list[tuple[str, str]]:
    """What it claims of itself, each with a heading."""
    found = [
        ("convex", f"yes, in {entry.term.inputs[0].name}" if entry.convex else "no"),
        ("robust", f"{_yes(entry.robust)}: its slope is {'' if entry.robust else 'not '}bounded"),
    ]
    found += [] if entry.symmetric is None else [("symmetric", _yes(entry.symmetric))]
    found += [] if entry.proper is None else [("proper", _yes(entry.proper))]
    found += [] if entry.elicits is None else [("best constant", f"the {entry.elicits} of the target")]
    outputs = dict.fromkeys(links.written(term) for term in entry.forms.values() if term.link is not None)
    found += [("output activation", ", ".join(outputs))] if outputs else []
    found += [("forms", ", ".join(f"given={name!r}" for name in entry.forms))] if len(entry.forms) > 1 else []
    hessians = _hessians(entry)
    found += [("Hessian", f"its diagonal, {hessians}")] if hessians else []
    found += [("majorant", "the slope over the error, which is never less than the Hessian")] if entry.term.majorant else []
    return [*found, ("unit", "nats or bits")] if entry.information else found


def _hessians(entry: Any) -> str:
    """Which forms have a Hessian diagonal; all of these are exact."""
    having = [repr(name) for name, term in entry.forms.items() if term.hessian]
    return "" if not having else "exact" if len(having) == len(entry.forms) else f"exact, given {' or '.join(having)}"


def _yes(so: bool) -> str:
    return "yes" if so else "no"
