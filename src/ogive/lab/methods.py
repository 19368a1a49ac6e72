"""How the numbers were made, in words for a paper, and the commands that make them again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from ogive import catalogue, initializers
from ogive.lab import wording
from ogive.lab.arms import Arm, cross, recommended_initializers
from ogive.lab.data import BUILT_IN
from ogive.lab.factors import FACTORS, RECOMMENDED
from ogive.lab.options import OPTIONS
from ogive.lab.splits import FOLDS
from ogive.lab.study import Study, software
from ogive.lab.summary import Summary
from ogive.version import __version__

REFERENCES = {
    "sgd": "I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013",
    "adam": "D. Kingma, J. Ba, Adam: A method for stochastic optimization, ICLR 2015",
    "cosine": "I. Loshchilov, F. Hutter, SGDR: Stochastic gradient descent with warm restarts, ICLR 2017",
}
"""Of levels that are no entries of the catalogue."""

CORRECTED = "C. Nadeau, Y. Bengio, Inference for the generalization error, Machine Learning 52, 2003"
STATISTICS = (
    "G. K. Smyth, Linear models and empirical Bayes methods for assessing differential expression in microarray experiments, Statistical"
    " Applications in Genetics and Molecular Biology 3, 2004",
    "S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979",
    "H.-P. Piepho, An algorithm for a letter-based representation of all-pairwise comparisons, Journal of Computational and Graphical"
    " Statistics 13, 2004",
)
SCALED = "Features were standardised by the training rows alone."
LIBRARIES = ("numpy", "scipy", "scikit-learn")


def paragraph(summary: Summary) -> str:
    """The methods, as a paper would state them."""
    return " ".join([*_what(summary), *_training(summary), *_choice(summary), *_test(summary), _versions()])


def references(summary: Summary) -> list[str]:
    """The papers behind what was used, each once."""
    study = summary.outcome.study
    found: list[str] = []
    for arm in study.arms:
        for name in arm.activations:
            found += catalogue.get(name, "activation").references
        drawn = [initializers.get(name.split("*")[0]) for name in arm.initializers]
        found += [each.reference for each in drawn if isinstance(each, initializers.VarianceScaling)]
        found += [REFERENCES[level] for _, level in arm.levels if level in REFERENCES]
    found += [] if study.official_test else [CORRECTED]
    return list(dict.fromkeys([*found, *STATISTICS]))


def settings(summary: Summary) -> list[tuple[str, str]]:
    """What decided the numbers."""
    outcome, study = summary.outcome, summary.outcome.study
    classes = study.task["classes"]
    target = f"{len(classes)} classes ({_some(classes)})" if classes else "a number to predict"
    test = "the data's own" if study.official_test else f"{_folds(study)} in turn"
    return [
        ("data", f"{study.data}: {study.rows:,} rows, {study.features} features, {target}"),
        ("rows", f"{outcome.training_rows:,} train each network; {outcome.test_rows:,} test it, {test}; one more fold validates"),
        (
            "baseline",
            "; ".join(
                f"{wording.heading(each)} {wording.plain(each, outcome.baseline[each.name])}" for each in outcome.dataset.task.metrics
            ),
        ),
        *((factor.name, "; ".join(_levels(study.arms, factor.name))) for factor in FACTORS),
        ("length", study.length),
        ("seeds", f"{study.seeds}"),
        ("made with", ", ".join(f"{name} {value}" for name, value in software().items())),
        ("SHA-256 of the data", study.data_sha256),
        ("study", study.sha256),
    ]


def commands(summary: Summary) -> list[str]:
    """What makes the same results again."""
    study = summary.outcome.study
    given = {"data": study.data if study.data in BUILT_IN else "FILE", **_asked(summary), **_levels_given(study)}  # a frame has no path
    steps = study.arms[0].setup.steps
    given |= {"seeds": str(study.seeds), "epochs" if steps is None else "steps": str(steps or study.epochs)}
    if study.rates is not None:
        given["try_rates"] = ",".join(f"{each:g}" for each in study.rates)
    given["margin"] = f"{100 * study.margin:g}pp" if summary.metric.percent else f"{study.margin:g}"
    words = " ".join(f"{option.flag} {shlex.quote(given[option.key])}" for option in OPTIONS if option.key in given)
    return [f'pip install "ogive[lab]=={__version__}"', f"ogive compare {words}"]


def _asked(summary: Summary) -> dict[str, str]:
    """The data's path, the column to learn and the kind of task, where they were named."""
    return {name: summary.outcome.asked[name] for name in ("data", "target", "task") if name in summary.outcome.asked}


def _levels_given(study: Study) -> dict[str, str]:
    """The levels of each factor, where they are not the default ones."""
    from ogive.lab.task import Task

    default = cross({}, Task(tuple(study.task["classes"])), study.epochs)
    found = {}
    for factor in FACTORS:
        levels = _levels(study.arms, factor.name)
        if levels != _levels(default, factor.name):
            found[factor.option] = ",".join(levels)
    return found


def _levels(arms: Iterable[Arm], factor: str) -> list[str]:
    return list(dict.fromkeys(arm.level(factor) for arm in arms))


def _what(summary: Summary) -> list[str]:
    study = summary.outcome.study
    varied = {name: _levels(study.arms, name) for name in summary.varied}
    listed = "; ".join(f"{name}: {', '.join(levels)}" for name, levels in varied.items())
    constant = [(factor.name, _levels(study.arms, factor.name)) for factor in FACTORS if factor.name not in varied]
    same = "; ".join(f"{name} {levels[0]}{_meant(study.arms, levels[0])}" for name, levels in constant)
    kind = f"{len(study.task['classes'])} classes" if study.task["classes"] else "regression"
    return [
        f"We compared {wording.counted(len(study.arms), 'arm')} ({listed}) on {study.data} ({study.rows:,} rows, {study.features} features,"
        f" {kind}) with ogive {__version__}.",
        f"Networks were fully connected; in every arm: {same}." if same else "Networks were fully connected.",
    ]


def _meant(arms: Sequence[Arm], level: str) -> str:
    """The initialisers that a level stood for, where it names none."""
    return f" ({recommended_initializers(arms)})" if RECOMMENDED in level else ""


def _training(summary: Summary) -> list[str]:
    study = summary.outcome.study
    test = "the data's own test rows" if study.official_test else f"{_folds(study)} in turn"
    return [
        f"The rows were dealt into {FOLDS} stratified folds. Each network was trained for {study.length} on"
        f" {summary.outcome.training_rows:,} rows, validated on another fold, and tested on {summary.outcome.test_rows:,} rows: {test}.",
        *([SCALED] if "standardized" in _levels(study.arms, "inputs") else []),
    ]


def _choice(summary: Summary) -> list[str]:
    study = summary.outcome.study
    tunings = [result.tuning for result in summary.outcome.arms if result.tuning]
    if not tunings:
        return ["Learning rates were fixed beforehand."]
    fewest, most = min(len(each.tries) for each in tunings), max(len(each.tries) for each in tunings)
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    lowest, highest = min(each.tries[0].rate for each in tunings), max(each.tries[-1].rate for each in tunings)
    how = "as given" if study.rates else "on a logarithmic grid that was refined and widened around the best"
    task = summary.outcome.dataset.task
    learned = "" if task.graded is summary.metric else f", except those that hardly lowered the {wording.heading(task.graded)},"
    return [
        f"Every arm tried {count} learning rates ({lowest:g} to {highest:g}, {how}), each in up to"
        f" {wording.counted(len(study.tuning_streams()), 'network')}; of the rates within one standard error of the best on validation rows"
        f"{learned} the middle one was chosen. No test row took part."
    ]


def _test(summary: Summary) -> list[str]:
    outcome, study = summary.outcome, summary.outcome.study
    sample = (
        "the seeds"
        if study.official_test
        else f"the means of {study.test_parts} test folds with the correction of Nadeau and Bengio (2003)"
    )
    margin = f"{wording.bare(summary.metric, study.margin)}{wording.difference_unit(summary.metric)}"
    pairs = len(summary.verdicts.pairs)
    equivalent = f"; arms were called equivalent where two one-sided tests placed the difference within ± {margin}" if study.margin else ""
    counted = "; equal scores were taken to vary by one test row" if outcome.resolution else ""
    diverged = sum(row.diverged for row in summary.rows)
    kept = f" {wording.counted(diverged, 'network')} that diverged stayed in with what they reached." if diverged else ""
    metric = wording.heading(outcome.metric)
    if pairs > 1:  # one pair has no others to borrow from or to be corrected for
        how = (
            f"The {pairs} pairs of arms were compared on {metric} by paired t-tests with moderated variances (Smyth 2004), Holm-corrected,"
        )
    else:
        how = f"The two arms were compared on {metric} by a paired t-test"
    tests = f" {how} at 5%{equivalent}."
    return [
        f"Then {wording.counted(study.seeds, 'network')} of each arm with fresh seeds were tested once; first weights, folds and the order"
        " of the batches were shared between arms.",
        f"Intervals are 95% Student t intervals over {sample}{counted}.{tests if pairs else ''}{kept}",
    ]


def _folds(study: Study) -> str:
    """Those that test."""
    return f"each of {FOLDS} folds" if study.test_parts == FOLDS else f"{study.test_parts} of {FOLDS} folds"


def _versions() -> str:
    found = [f"{name} {own}" for name in LIBRARIES if (own := _version(name))]
    return f"Software: ogive {__version__}, Python {platform.python_version()}, {', '.join(found)}."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _some(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])}, …"
