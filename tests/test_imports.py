"""``import ogive`` loads NumPy, the standard library and itself; layers import downwards only."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import ogive

PACKAGE = Path(ogive.__file__).parent
# From the vocabulary up; a module may import from its own layer and from those before it. Folders stand for all they hold.
LAYERS = [
    ["errors", "version", "palette", "verdict"],
    ["formula", "parameter", "rules", "signatures", "special", "initializers"],
    ["term", "arrays", "sweep", "catalogue", "panel", "files", "terminal"],
    ["svg", "calls"],
    ["kernel", "entry", "domains", "inputs", "batch", "links"],
    ["elementwise", "evaluation", "straight", "constants", "docstrings", "smoothing"],
    ["activation", "gate", "axiswise", "called", "loss"],
    ["activations"],
    ["losses"],
    ["targets", "choices", "suggestion"],
    ["peers"],
    ["pictures", "compute_command"],
    ["backends"],
    ["lab"],
    ["recipes"],
    ["cli"],
    ["__main__"],
]


def test_importing_ogive_loads_nothing_heavy() -> None:
    program = "import sys, numpy; before = set(sys.modules); import ogive; print(*sorted(set(sys.modules) - before))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in printed.split()}
    assert "ogive" in loaded
    assert loaded - sys.stdlib_module_names - {"ogive", "numpy"} == set()
    inner = {name for name in printed.split() if name.startswith("ogive.")}
    assert not any(name.startswith(("ogive.lab", "ogive.backends", "ogive.cli")) for name in inner)


def layer_of(module: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if module in layer)


def test_layers_import_downwards_only() -> None:
    checked = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if own == "__init__":
            continue
        tree = ast.parse(path.read_text())
        for node in tree.body:  # the imports at the top; one inside a function is a deliberate, late one
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("ogive"):
                continue
            parts = (node.module or "").split(".")[1:]
            for imported in parts[:1] or [alias.name for alias in node.names]:
                if imported == "__version__":
                    continue
                assert layer_of(imported) <= layer_of(own), f"{path.name} imports {imported}, which is above it"
                checked += 1
    assert checked > 30


def imports_of(path: Path) -> set[str]:
    """The modules of the package that one of them imports, anywhere in its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ogive"):
            module = (node.module or "").replace(".", "/")
            inner = {f"{module}/{alias.name}" for alias in node.names}
            found |= {name for name in (module, *inner) if (PACKAGE.parent / f"{name}.py").exists()}
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {str(path.relative_to(PACKAGE.parent).with_suffix("")): imports_of(path) for path in PACKAGE.rglob("*.py")}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert len(order) == len(graph) > 50
