"""What results files hold: their studies and networks, listed, joined, and compared over several data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab import wording
from ogive.lab.methods import commands
from ogive.lab.outcome import RESULTS_FILE, ArmResult, Outcome
from ogive.lab.protocol import sign_of
from ogive.lab.results import Trained
from ogive.lab.store import Store, read_store
from ogive.lab.study import Study
from ogive.lab.summary import Summary


@dataclass(frozen=True)
class Finished:
    """A study as its results file knows it.

    Attributes
    ----------
    sign
        Turns a value of the metric into a score, of which more is better.
    folds
        Test folds, which take turns.
    correction, resolution
        Of the interval, as of `ogive.lab.verdicts.compare_scores`.
    scores
        Of each arm by name, one for each seed.
    """

    key: str
    begun: str
    title: str
    data: str
    data_sha256: str
    metric: str
    heading: str
    percent: bool
    sign: float
    folds: int
    correction: float
    command: str
    scores: Mapping[str, NDArray[np.float64]]
    resolution: float = 0.0


def named(study: Study) -> dict[str, Any]:
    """What a results file notes of a study that begins."""
    return {"data": study.data, "data_sha256": study.data_sha256}


def described(summary: Summary) -> dict[str, Any]:
    """What a results file notes of a finished study: enough to show it again without its data."""
    outcome = summary.outcome
    return {
        "title": outcome.title,
        **named(outcome.study),
        "metric": outcome.metric.name,
        "heading": wording.heading(outcome.metric),
        "percent": outcome.metric.percent,
        "sign": sign_of(outcome.metric),
        "folds": len(outcome.study.test_folds()),
        "correction": outcome.correction,
        "resolution": outcome.resolution,
        "worst": outcome.worst,
        "command": commands(summary)[-1],
        "arms": [(result.arm.name, _keys(outcome, result)) for result in outcome.arms],
    }


def _keys(outcome: Outcome, result: ArmResult) -> list[str]:
    """The names of an arm's networks, in the order of the seeds."""
    study = outcome.study
    return [member.key(study.problem) for member in study.finals(result.arm, result.rates, study.seeds)]


def results_files(paths: Sequence[Path]) -> list[Path]:
    """The results files that are meant: files themselves, and all in folders and what they hold."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob(RESULTS_FILE)) if path.is_dir() else [path]
        if not inside or not all(each.is_file() for each in inside):
            raise InputError(f"no results file {str(path)!r}; give a {RESULTS_FILE}, or a folder with one")
        found |= dict.fromkeys(inside)
    return list(found)


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[Store]]:
    """The results files, open."""
    with ExitStack() as stack:
        yield [stack.enter_context(read_store(path)) for path in paths]


def finished(stores: Sequence[Store]) -> list[Finished]:
    """Every finished study of which a file has all networks, each once."""
    found = {}
    for store in stores:
        for key, settings, begun in store.studies():
            if "arms" in settings and not lacks(store, settings):
                scores = {name: _scores(store.load(keys), settings) for name, keys in settings["arms"]}
                rest = {name: settings[name] for name in Finished.__annotations__ if name in settings}
                found[key] = Finished(key=key, begun=begun, scores=scores, **rest)
    return list(found.values())


def lacks(store: Store, settings: Mapping[str, Any]) -> str:
    """What a file lacks of a finished study's networks, in words; nothing where all are there."""
    keys = [key for _, own in settings.get("arms", ()) for key in own]
    missing = len(keys) - len(store.held(keys))
    return f"lacks {missing:,} of its {wording.counted(len(keys), 'network')}; its command trains what is missing" if missing else ""


def _scores(networks: Iterable[Trained], settings: Mapping[str, Any]) -> NDArray[np.float64]:
    """What is no finite number counts as the worst score of the study, as it did in its verdicts."""
    values = settings["sign"] * np.array([trained.metrics["test"][settings["metric"]] for trained in networks])
    return np.asarray(np.where(np.isfinite(values), values, settings["worst"]))


def network_records(stores: Sequence[Store]) -> list[dict[str, Any]]:
    """One record for each network of the files, each once: its settings and what is known of it."""
    found: dict[str, dict[str, Any]] = {}
    for store in stores:
        data = {settings["data_sha256"]: settings["data"] for _, settings, _ in store.studies()}
        for settings, trained, when in store.networks():
            name = data.get(settings["data_sha256"], "")
            found.setdefault(repr(sorted(settings.items())), {"data": name, **_record(settings, trained, when)})
    return list(found.values())


def _record(settings: Mapping[str, Any], trained: Trained, when: str) -> dict[str, Any]:
    plain = {name: "/".join(map(str, value)) if isinstance(value, list) else value for name, value in settings.items()}
    return {
        **{name: value for name, value in plain.items() if name not in ("task", "software", "numbers")},
        **{f"{part} {name}": value for part, values in trained.metrics.items() for name, value in values.items()},
        "training loss": trained.training_losses[-1],
        "diverged": trained.diverged,
        "seconds": trained.seconds,
        "finished": when,
    }


def over_data_sets(studies: Sequence[Finished]) -> tuple[list[str], list[str], NDArray[np.float64]] | None:
    """The arms that every data set has, the names of the data sets, and the mean score of each; of one data set's studies the last counts.

    ``None`` where there are fewer than two of either.
    """
    by_data = {study.data_sha256: study for study in studies}
    shared = (
        [name for name in next(iter(by_data.values())).scores if all(name in study.scores for study in by_data.values())] if studies else []
    )
    if len(by_data) < 2 or len(shared) < 2:
        return None
    means = np.array([[study.scores[name].mean() for study in by_data.values()] for name in shared])
    return shared, [study.data for study in by_data.values()], means
