"""Gates: functions of two inputs, one of which decides how much of the other passes."""

from __future__ import annotations

from typing import Any

from ogive.activations.smooth import gated_silu, silu
from ogive.gate import gate
from ogive.term import Input


@gate(
    inputs=(
        Input("x", "array of real numbers: what goes through SiLU", differentiated=True),
        Input("gate", "array that broadcasts against x: what it multiplies", differentiated=True),
    ),
    formula="x / (1 + exp(-x)) * gate",
    slopes={
        "x": lambda x, gate, xp: gated_silu(x, gate, xp)[1],
        "gate": lambda x, gate, xp: silu.definition(x, xp) + 0 * gate,
    },
    aliases=("swish gated linear unit", "silu gate"),
    references=("N. Shazeer, GLU variants improve transformer, 2020, equation 6, arXiv:2002.05202",),
)
def swiglu(x: Any, gate: Any, xp: Any) -> Any:
    """SiLU of one linear map times another, the gated unit of large language models; split a layer's output in two for `x` and `gate`.

    Examples
    --------
    >>> ogive.swiglu([1.0, -1.0], [2.0, 2.0])
    array([ 1.46211716, -0.53788284])
    >>> ogive.swiglu.slope([1.0, -1.0], [2.0, 2.0], wrt="gate")
    array([ 0.73105858, -0.26894142])
    """
    return gated_silu(x, gate, xp)[0]
