"""A comparison as JSON, CSV, Markdown and a data frame holds what the table holds, with all digits."""

from __future__ import annotations

import csv
import io
import json
import sys

import numpy as np
import pytest
from outcomes import outcome

from ogive.errors import MissingExtraError
from ogive.lab.comparison import Comparison
from ogive.lab.export import as_csv, as_json, as_markdown, networks
from ogive.lab.factors import FACTORS
from ogive.lab.headings import columns
from ogive.lab.summary import summarise


@pytest.fixture(scope="module")
def summary():
    return summarise(outcome(gaps={"sigmoid": 0.03}, optimizers=["sgd", "adam"]))


def test_csv_has_a_row_for_each_arm_with_all_digits(summary):
    rows = list(csv.DictReader(io.StringIO(as_csv(summary))))
    assert [row["arm"] for row in rows] == [row.name for row in summary.rows]
    for written, row in zip(rows, summary.rows, strict=True):
        assert float(written["accuracy"]) == row.score.mean
        assert float(written["log_loss"]) == row.metrics["log_loss"]
        assert int(written["rank"]) == row.rank
        assert {factor.name: written[factor.name] for factor in FACTORS} == dict(row.result.arm.levels)
    assert rows[0]["verdict"] == "best"
    assert rows[-1]["verdict"] == "worse"


def test_json_is_strict_and_holds_every_pair_and_every_network(summary):
    content = json.loads(as_json(summary), parse_constant=pytest.fail)
    assert len(content["arms"]) == 6
    assert len(content["pairs"]) == 15
    assert len(content["networks"]) == 60
    assert content["study"]["seeds"] == 10
    assert content["arms"][0]["accuracy"] == summary.rows[0].score.mean
    assert {pair["verdict"] for pair in content["pairs"]} >= {"worse", "better"} & {pair.verdict for pair in summary.verdicts.pairs}


def test_what_is_no_number_is_null_in_json():
    found = outcome(["relu", "tanh"])
    networks = found.arms[0].networks
    networks.gradient_ratio[0], networks.metrics["test"]["log_loss"][0] = np.nan, np.inf
    content = json.loads(as_json(summarise(found)), parse_constant=pytest.fail)
    assert content["networks"][0]["gradient ratio"] is None
    assert content["networks"][0]["test log_loss"] is None


def test_markdown_is_a_table_of_the_printed_cells(summary):
    lines = [line for line in as_markdown(summary).splitlines() if line.startswith("|")]
    shown = columns(summary)
    assert len(lines) == 2 + len(summary.rows)
    for line, row in zip(lines[2:], summary.rows, strict=True):
        assert [cell.strip() for cell in line.strip("|").split("|")] == [column.cell(row) for column in shown]


def test_a_record_for_each_network(summary):
    found = networks(summary.outcome)
    assert len(found) == 60
    result = summary.outcome.arms[0]
    first = [record for record in found if record["arm"] == result.arm.name]
    assert [record["test accuracy"] for record in first] == result.values("accuracy").tolist()
    assert [record["seed"] for record in first] == list(range(10))
    assert first[0]["learning rate"] == result.rates[0]


def test_a_data_frame_has_a_row_for_each_network():
    pd = pytest.importorskip("pandas")
    comparison = outcome(kind=Comparison)
    frame = comparison.to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == 30
    assert frame.groupby("arm")["test accuracy"].mean()["relu"] == pytest.approx(comparison.arms[0].values("accuracy").mean())


def test_a_data_frame_without_pandas_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install"):
        outcome(kind=Comparison).to_dataframe()


def test_a_notebook_gets_html():
    assert outcome(kind=Comparison)._repr_html_().startswith('<div class="ogive-comparison">')
