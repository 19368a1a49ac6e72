"""A comparison as data: JSON, CSV, Markdown and a data frame."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ogive.errors import MissingExtraError
from ogive.lab.factors import FACTORS
from ogive.lab.findings import findings
from ogive.lab.headings import columns, legend
from ogive.lab.outcome import ArmResult, Outcome
from ogive.lab.summary import Row, Summary


def records(summary: Summary) -> list[dict[str, Any]]:
    """The table's rows with all digits; shares and percentages as they are, from 0 to 1."""
    return [_record(summary, row) for row in summary.rows]


def networks(outcome: Outcome) -> list[dict[str, Any]]:
    """One record for each network that is compared."""
    return [record for result in outcome.arms for record in _network_records(result)]


def _network_records(result: ArmResult) -> Iterator[dict[str, Any]]:
    networks = result.networks
    columns = {
        **{f"{part} {name}": values for part in ("validation", "test") for name, values in networks.metrics[part].items()},
        "training loss": networks.training_loss,
        "gradient ratio": networks.gradient_ratio,
        "diverged": networks.diverged,
        "seconds": networks.seconds,
    }
    for place, stream in enumerate(networks.streams):
        yield {
            "arm": result.arm.name,
            **{factor.name: result.arm.level(factor.name) for factor in FACTORS},
            "learning rate": result.rates[stream.test_fold],
            "seed": stream.seed,
            "test fold": stream.test_fold,
            "validation fold": stream.validation_fold,
            **{name: values[place].item() for name, values in columns.items()},
        }


def data_frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Records as a pandas data frame."""
    try:
        import pandas as pd  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise MissingExtraError('to_dataframe needs pandas; install with: pip install "ogive[lab]"') from None
    return pd.DataFrame(rows)


def as_json(summary: Summary) -> str:
    """Everything that the table says, and every network's numbers; what is no number is null."""
    outcome = summary.outcome
    content = {
        "title": outcome.title,
        "findings": findings(summary),
        "notes": outcome.notes,
        "study": asdict(outcome.study),
        "baseline": outcome.baseline,
        "test_rows": outcome.test_rows,
        "training_rows": outcome.training_rows,
        "arms": records(summary),
        "pairs": [
            {"first": outcome.arms[pair.first].arm.name, "second": outcome.arms[pair.second].arm.name, **_without(asdict(pair))}
            for pair in summary.verdicts.pairs
        ],
        "networks": networks(outcome),
    }
    return json_text(content)


def as_csv(summary: Summary) -> str:
    """The table with all digits."""
    return csv_text(records(summary))


def as_markdown(summary: Summary) -> str:
    """The table as it is printed, what follows from it, and what its columns mean."""
    shown = columns(summary)
    cells = [[column.cell(row) for column in shown] for row in summary.rows]
    table = markdown_table([column.heading for column in shown], cells, [column.text for column in shown])
    explained = [f"- **{heading}**: {meaning}" for heading, meaning in legend(summary)]
    notes = [f"Note: {note}" for note in summary.outcome.notes]
    return "\n\n".join([f"**{summary.outcome.title}**", table, *findings(summary), *notes, "\n".join(explained)]) + "\n"


def markdown_table(headings: Sequence[str], cells: Iterable[Sequence[str]], texts: Iterable[bool]) -> str:
    """A Markdown table; columns of text stand to the left, others to the right."""
    return "\n".join([_line(headings), _line([":---" if text else "---:" for text in texts]), *map(_line, cells)])


FORMATS: dict[str, Callable[[Summary], str]] = {"json": as_json, "csv": as_csv, "md": as_markdown}


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Records as CSV; a column that a record lacks is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def json_text(content: Any) -> str:
    """Records, or whatever else JSON takes, as JSON; what is no number is null."""
    return json.dumps(_finite(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def markdown_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Records as a Markdown table."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    return "\n".join([_line(names), _line(["---"] * len(names)), *map(_line, cells)]) + "\n"


RECORD_FORMATS: dict[str, Callable[[Sequence[Mapping[str, Any]]], str]] = {"json": json_text, "csv": csv_text, "md": markdown_text}


def _record(summary: Summary, row: Row) -> dict[str, Any]:
    metric, gap = summary.metric.name, row.gap
    return {
        "arm": row.name,
        **{factor.name: row.result.arm.level(factor.name) for factor in FACTORS},
        "initializers": "/".join(row.result.arm.initializers),
        "learning rates": "/".join(f"{rate:g}" for rate in dict.fromkeys(row.result.rates.values())),
        "rank": row.rank,
        "group": row.letters,
        metric: row.score.mean,
        f"{metric} low": row.score.low,
        f"{metric} high": row.score.high,
        **{name: value for name, value in row.metrics.items() if name != metric},
        f"validation {metric}": row.validation,
        "difference to the best": gap.difference.mean if gap else 0.0,
        "difference low": gap.difference.low if gap else None,
        "difference high": gap.difference.high if gap else None,
        "p": gap.p if gap else None,
        "probability better": gap.probability if gap else None,
        "verdict": gap.verdict if gap else "best",
        "seeds needed": gap.seeds_needed if gap else None,
        "dead": row.dead,
        "saturated": row.saturated,
        "gradient ratio": row.gradient_ratio,
        "diverged": row.diverged,
        "networks": row.networks,
        "seconds": row.seconds,
    }


def _without(pair: dict[str, Any]) -> dict[str, Any]:
    """What a reader of a pair wants; the arms are named."""
    return {name: value for name, value in pair.items() if name not in ("first", "second", "noise")}


def _finite(value: Any) -> Any:
    """JSON has no word for what is no number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
