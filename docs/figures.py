"""The pictures of several functions that the guide shows, and every picture as a file of its own (some seconds).

The site draws the listed ones, and that of each function, inside its pages. Run as ``.venv/bin/python docs/figures.py [FOLDER]``, this
writes them all by matplotlib; they go to build/figures by default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import ogive
from ogive.catalogue import entries
from ogive.errors import InputError

PICTURES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "s-curves": (("sigmoid", "tanh", "softsign", "hard_sigmoid"), {"slope": True}),
    "rectifiers": (("relu", "leaky_relu(negative_slope=0.2)", "elu", "selu", "softplus"), {"slope": True}),
    "smooth": (("gelu", "silu", "mish"), {"slope": True}),
    "vanishing-slopes": (("sigmoid", "tanh"), {"slope": True, "interval": (-8, 8)}),
    "elu-by-alpha": (("elu(alpha=0.5)", "elu", "elu(alpha=1.5)"), {"slope": True}),
    "regression-losses": (
        ("half_mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "pinball(quantile=0.9)"),
        {"slope": True},
    ),
    "robust-losses": (("half_mean_squared_error", "huber", "cauchy", "welsch", "tukey_biweight"), {"slope": True, "interval": (-8, 8)}),
    "losses-by-margin": (
        ("zero_one", "hinge", "squared_hinge", "binary_cross_entropy", "exponential_loss", "savage"),
        {"slope": True, "against": "margin"},
    ),
    "losses-by-probability": (("binary_cross_entropy", "brier", "generalized_cross_entropy"), {"slope": True, "given": "probabilities"}),
    "cross-entropy-by-prediction": (("binary_cross_entropy",), {"slope": True, "given": "probabilities"}),
    "cross-entropy-by-logit": (("binary_cross_entropy",), {"slope": True, "given": "logits"}),
    "binary-entropy": (("entropy(unit=bits)",), {}),
    "softmax-by-temperature": (("softmax",), {}),
    "softmax-by-score": (("softmax",), {"against": "score"}),
    "entmax-by-temperature": (("entmax(alpha=2)",), {}),
    "smooth-maximum": (("logsumexp",), {}),
}


def draw_all(folder: Path) -> list[Path]:
    """Draw the pictures, and those of single functions in a folder of their own; give their paths."""
    found = []
    for name, (functions, options) in PICTURES.items():
        ogive.plot(*functions, **options, out=folder / f"{name}.svg")
        found.append(folder / f"{name}.svg")
    for entry in entries():
        try:
            slope = entry.kind != "axiswise" or entry.reduces
            ogive.plot(entry, slope=slope, out=folder / "functions" / f"{entry.name}.svg")
            found.append(folder / "functions" / f"{entry.name}.svg")
        except InputError as reason:
            print(reason)
    return found


if __name__ == "__main__":
    drawn = draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "build/figures"))
    print(f"{len(drawn)} pictures in {drawn[0].parent}")
