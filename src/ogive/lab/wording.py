"""How numbers are written: metrics in their own unit, differences of percentages in percentage points (pp)."""

from __future__ import annotations

import math

from ogive.lab.statistics import Estimate
from ogive.lab.task import Metric

MINUS = "−"
WRITTEN = {"r2": "R²", "auc": "AUC", "rmse": "RMSE", "mae": "MAE"}


def number(value: float, form: str) -> str:
    """A number with a true minus sign, or what it is instead of one."""
    if math.isnan(value):
        return "–"
    return (format(value, form) if math.isfinite(value) else "∞" if value > 0 else "-∞").replace("-", MINUS)


def heading(metric: Metric) -> str:
    """The metric's name as people write it."""
    return WRITTEN.get(metric.name, metric.name.replace("_", " "))


def unit(metric: Metric) -> str:
    """What a value of the metric ends with."""
    return "%" if metric.percent else ""


def difference_unit(metric: Metric) -> str:
    """What a difference of the metric ends with."""
    return " pp" if metric.percent else ""


def shown(metric: Metric, value: float) -> float:
    """A value as it is written: a percentage, or itself."""
    return 100 * value if metric.percent else value


def bare(metric: Metric, value: float, sign: str = "") -> str:
    """A value without its unit; small measures such as R² with three decimals, those in the target's own unit with four digits."""
    if metric.percent:
        return number(100 * value, f"{sign}z.2f")
    return number(value, f"{sign}z.3f" if abs(value) < 10 else f"{sign}.4g")


def plain(metric: Metric, value: float) -> str:
    """A value with its unit."""
    return bare(metric, value) + unit(metric)


def estimate(metric: Metric, value: Estimate) -> str:
    """A mean and half of its interval; both ends of one that was cut where the metric's range ends."""
    below, above = (bare(metric, each) for each in (value.mean - value.low, value.high - value.mean))
    if below == above:
        return f"{bare(metric, value.mean)} ± {above}{unit(metric)}"
    return f"{bare(metric, value.mean)} [{bare(metric, value.low)}, {bare(metric, value.high)}]{unit(metric)}"


def difference(metric: Metric, value: Estimate) -> str:
    """A mean difference and half of its interval, without the unit."""
    return f"{bare(metric, value.mean, '+')} ± {bare(metric, value.half_width)}"


def interval(metric: Metric, value: Estimate) -> str:
    """A mean difference with the ends of its interval."""
    return f"{bare(metric, value.mean, '+')} [{bare(metric, value.low, '+')}, {bare(metric, value.high, '+')}]{difference_unit(metric)}"


def share(value: float | None) -> str:
    """A share as a percentage."""
    if value is None or math.isnan(value):
        return "–"
    return "0%" if value == 0 else f"{100 * value:.1f}%" if value < 0.0995 else f"{100 * value:.0f}%"


def rate(value: float) -> str:
    """A learning rate, as far as it matters."""
    return f"{value:.2g}"


def probability(p: float) -> str:
    """A p-value with as many digits as it deserves."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.0995 else f"{p:.2f}"


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def counted(count: int, what: str) -> str:
    """A number of things."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
