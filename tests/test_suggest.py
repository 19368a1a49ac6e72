"""`ogive.suggest`: what a target is found to be, what is suggested for it, and that every name in the tables is in the catalogue."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ogive
from ogive import choices, cli, targets

RNG = np.random.default_rng(0)
TARGETS = [
    ([True, False, True], "two classes", "sigmoid", "binary_cross_entropy", 1),
    ([0.0, 1.0, 1.0], "two classes", "sigmoid", "binary_cross_entropy", 1),
    ([-1, 1, 1], "two classes", "sigmoid", "binary_cross_entropy", 1),
    (["spam", "ham", "ham"], "two classes", "sigmoid", "binary_cross_entropy", 1),
    (["a", "b", "c"], "classes", "softmax", "cross_entropy", 3),
    (np.array(["a", "b", "c"], dtype=object), "classes", "softmax", "cross_entropy", 3),
    (np.array([20.0, 21.5, 19.25, 22.0, Decimal("20.5")], dtype=object), "real numbers", "identity", "mean_squared_error", 1),
    (np.array([0, 2, 1] * 5, dtype=object), "classes", "softmax", "cross_entropy", 3),
    (np.tile(np.arange(10), 6), "classes", "softmax", "cross_entropy", 10),
    (np.tile(np.arange(10.0), 6)[:, None], "classes", "softmax", "cross_entropy", 10),
    (np.eye(4)[[0, 1, 2, 3, 3]], "classes", "softmax", "cross_entropy", 4),
    (RNG.dirichlet(np.ones(3), 20).astype(np.float16), "shares", "softmax", "cross_entropy", 3),
    ([[1, 1, 0], [0, 0, 0], [0, 1, 0]], "labels", "sigmoid", "binary_cross_entropy", 3),
    (RNG.uniform(size=50), "proportions", "sigmoid", "binary_cross_entropy", 1),
    (RNG.poisson(40, 200), "counts", "exponential", "poisson", 1),
    (RNG.lognormal(0, 2, 300), "positive numbers", "exponential", "gamma_nll", 1),
    (np.r_[np.zeros(50), RNG.gamma(2, 3, 100)], "amounts", "exponential", "tweedie", 1),
    (RNG.standard_cauchy(400), "real numbers with outliers", "identity", "huber", 1),
    (RNG.normal(20, 3, 400), "real numbers", "identity", "mean_squared_error", 1),
    (RNG.normal(size=(50, 2)), "real numbers", "identity", "mean_squared_error", 2),
]


@pytest.mark.parametrize(("target", "kind", "output", "loss", "units"), TARGETS)
def test_a_target_is_found_and_paired(target: Any, kind: str, output: str, loss: str, units: int) -> None:
    found = ogive.suggest(target)
    assert (found.target, found.output, found.loss, found.units) == (kind, output, loss, units)
    assert np.size(found.output_bias) == units
    assert np.isfinite(found.output_bias).all()
    assert json.loads(json.dumps(found.to_dict()))["seen"] in str(found)


def test_classes_are_told_by_their_numbers() -> None:
    for target, told in [
        (["no", "yes", "no"], "0 is no, 1 is yes"),
        ([-1, 1, 1], "0 is -1, 1 is 1"),
        ([3, 7, 9] * 5, "0 is 3, 1 is 7, 2 is 9"),
    ]:
        assert f"as class numbers   {told}\n" in str(ogive.suggest(target))
    assert "as class numbers" not in str(ogive.suggest([0, 1, 1]))


def test_the_last_bias_predicts_what_is_common() -> None:
    """Behind the output activation it is the mean of the target: of classes, their shares."""
    assert ogive.sigmoid(ogive.suggest([0, 0, 0, 1]).output_bias) == pytest.approx(0.25)
    np.testing.assert_allclose(ogive.softmax(ogive.suggest(["a", "b", "b", "c"]).output_bias), [0.25, 0.5, 0.25])
    np.testing.assert_allclose(ogive.sigmoid(ogive.suggest([[1, 1], [0, 1], [0, 0], [0, 1]]).output_bias), [0.25, 0.75])
    assert np.exp(ogive.suggest([30, 50, 70, 90]).output_bias) == pytest.approx(60)


@pytest.mark.parametrize(
    ("options", "hidden"),
    [
        ({}, "selu"),
        ({"network": "residual"}, "elu"),
        ({"network": "convolutional"}, "elu"),
        ({"network": "recurrent"}, "tanh"),
        ({"network": "transformer"}, "gelu"),
        ({"fast": True}, "relu"),
        ({"overfits": True}, "rrelu"),
        ({"network": "residual", "rows": 10**7}, "prelu"),
        ({"network": "recurrent", "fast": True}, "tanh"),
    ],
)
def test_the_hidden_activation_follows_the_rules_of_choice(options: dict[str, Any], hidden: str) -> None:
    found = ogive.suggest([1.5, 2.5, 4.0], **options)
    assert found.hidden == hidden
    assert found.initializer == ogive.get(hidden).initializer
    assert hidden not in [other.choice for other in found.alternatives]
    assert {rule.hidden for rule in choices.RULES} <= {hidden, *(other.choice for other in found.alternatives)}


def test_selu_is_never_suggested_without_its_three_conditions() -> None:
    said = str(ogive.suggest([0, 1]))
    for word in ("standardised", "LeCun", "skips"):
        assert word in said


def test_every_name_of_the_tables_is_in_the_catalogue() -> None:
    for pairing in choices.PAIRINGS.values():
        entry = ogive.get(pairing.loss, "loss")
        assert (entry.forms[pairing.given] if pairing.given else entry.term).link in ogive.names()
        for other in pairing.alternatives:
            named = re.findall(r"[a-z]+_[a-z_]+=?|huber|pinball", other.choice)
            assert named
            for name in named:
                assert name[:-1] in ogive.binary_cross_entropy.__signature__.parameters if name.endswith("=") else ogive.get(name)
    for rule in choices.RULES:
        assert ogive.get(rule.hidden, "activation").initializer
        assert rule.why.text
        assert rule.why.source
    assert {finding.kind for finding in (targets.classified(target) for target, *_ in TARGETS)} == set(choices.PAIRINGS)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ogive.suggest([]), ValueError, "at least one element"),
        (lambda: ogive.suggest([1.0, np.nan]), ValueError, "1 missing or infinite"),
        (lambda: ogive.suggest(["a", None, "b"]), ValueError, "1 missing or infinite"),
        (lambda: ogive.suggest([1.5, None, 2.5]), ValueError, "1 missing or infinite"),
        (lambda: ogive.suggest(pd.Series(["a", pd.NA, "b"], dtype=object)), ValueError, "1 missing or infinite"),
        (lambda: ogive.suggest([2.0, 2.0, 2.0]), ValueError, "all rows have the target"),
        (lambda: ogive.suggest(["a", "a"]), ValueError, "all rows have the target 'a'"),
        (lambda: ogive.suggest(np.zeros((2, 2, 2))), ValueError, r"\(rows,\) or \(rows, outputs\)"),
        (lambda: ogive.suggest([1j, 2j]), TypeError, "real"),
        (lambda: ogive.suggest(np.ma.masked_equal([1, 2, 3], 2)), TypeError, "mask"),
        (lambda: ogive.suggest([0, 1], network="resnet"), ValueError, "unknown network 'resnet'"),
        (lambda: ogive.suggest([["a", "b"]]), ValueError, "one class for each row"),
    ],
)
def test_a_bad_target_is_named(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_a_tensor_that_numpy_cannot_read_says_how() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"tensor that NumPy cannot read; pass tensor\.detach"):
        ogive.suggest(torch.zeros(3, dtype=torch.bfloat16))


def test_the_command_line_reads_a_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "visits.csv"
    rows = [f"{i / 7},{'yes' if i % 3 else 'no'},{n}" for i, n in enumerate(RNG.poisson(90, 60))]
    table.write_text("\n".join(["age,member,visits", *rows]))
    assert cli.main(["suggest", str(table)]) == 0
    printed = capsys.readouterr().out
    assert "poisson" in printed
    assert f"ogive compare --data {table}" in printed
    assert cli.main(["suggest", str(table), "--target", "member", "--fast", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["loss"], found["hidden"]) == ("binary_cross_entropy", "relu")
    assert cli.main(["suggest", str(table), "--target", "membr"]) == cli.BAD_INPUT
    assert "did you mean 'member'" in capsys.readouterr().err
    assert cli.main(["suggest", "iris", "--network", "dense-ish"]) == cli.BAD_INPUT
    assert "unknown network" in capsys.readouterr().err


@pytest.mark.parametrize(("task", "kind"), [*choices.TASKS.items(), *((kind, kind) for kind in choices.PAIRINGS)])
def test_a_task_is_enough(task: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = ogive.suggest(task)
    assert (found.target, found.loss) == (kind, choices.PAIRINGS[kind].loss)
    assert found.units is found.output_bias is None, "which only a target can tell"
    assert cli.main(["suggest", task]) == 0
    printed = capsys.readouterr().out
    assert f"\noutput activation  {found.output}\n" in printed
    assert "ogive compare --data YOUR.csv" in printed


def test_an_unknown_task_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="unknown task 'two clases'; did you mean 'two classes'"):
        ogive.suggest("two clases")
    assert cli.main(["suggest", "binry"]) == cli.BAD_INPUT
    assert cli.main(["suggest", "binary", "--target", "x"]) == cli.BAD_INPUT
    unknown, column = capsys.readouterr().err.splitlines()
    assert "'binry' is no data set, no task and no file with a suffix; did you mean 'binary'?" in unknown
    assert "--target is a column of a file, but 'binary' is a task" in column


@pytest.mark.parametrize(
    "reason", [each.why for each in (*choices.PAIRINGS.values(), *choices.RULES) if each.why.trials], ids=lambda each: each.text[:40]
)
def test_a_reason_that_a_recipe_tries_has_its_verdict(reason: choices.Reason) -> None:
    for trial in reason.trials:
        report = Path(__file__).parents[1] / "docs" / "recipes" / f"{trial.recipe}.md"
        assert trial.verdicts
        assert all(sentence in report.read_text(encoding="utf-8") for sentence in trial.verdicts)
