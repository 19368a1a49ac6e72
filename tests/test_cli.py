"""The command line: what it prints, and that everything the user can mend is one line and exit code 2."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from lab_samples import write_mnist

import ogive
from ogive.cli import main

pytest.importorskip("torch")
pytest.importorskip("typer")

TINY = ["compare", "--activations", "relu,tanh", "--hidden", "6", "--seeds", "2", "--epochs", "1", "--rates", "0.01,0.1,0.3"]


@pytest.fixture
def refused(capsys):
    """Run the command line with bad input; return the one line it says."""

    def run(*arguments: str) -> str:
        assert main(list(arguments)) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("ogive: "), printed.err
        assert printed.err.count("\n") == 1, printed.err
        return printed.err

    return run


def test_the_table_and_where_the_files_are(tmp_path, capsys):
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    for heading in ("activation", "init", "accuracy", "loss", "rate", "dead", "sat.", "grad.", "div.", "time"):
        assert heading in printed.out
    assert re.search(r"^1 +(relu +he|tanh +glorot) +[\d.]+ ± [\d.]+%", printed.out, re.MULTILINE)
    assert "Overlapping intervals do not rank" in " ".join(printed.out.split())
    assert str(tmp_path / "results.sqlite") in printed.out
    assert str(tmp_path / "report.html") in printed.out
    assert "…" not in printed.out
    assert max(map(len, printed.out.splitlines()[:8])) <= 100
    assert re.search(r"tuning learning rates: \d+%, about \d+ s left", printed.err)
    assert (tmp_path / "report.html").exists()

    assert main([*TINY, "--out", str(tmp_path)]) == 0
    again = capsys.readouterr()
    assert (again.out, again.err) == (printed.out, ""), "a finished run prints the same at once"


def test_the_grid_of_layers(tmp_path, capsys):
    arguments = ["compare", "--layers", "none,sigmoid,relu", "--hidden", "6,6", "--seeds", "2", "--epochs", "1", "--rates", "0.1"]
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "9 arms" in printed
    assert "sigmoid/relu" in printed
    grid = printed[printed.index("hidden layer 1 ↓") :]
    assert re.search(r"none +sigmoid +relu", grid)
    assert len(re.findall(r"^ *(?:none|sigmoid|relu) +0\.\d{4} +0\.\d{4} +0\.\d{4}", grid, re.MULTILINE)) == 3


def test_a_csv_of_the_users_own(tmp_path, capsys):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'in' if a * b > 0 else 'out'}" for a, b in rng.normal(size=(80, 2))]
    (tmp_path / "points.csv").write_text("\n".join(["a,b,where", *rows]))
    assert main([*TINY, "--data", str(tmp_path / "points.csv"), "--out", str(tmp_path / "out")]) == 0
    assert "points, network 2-6-2" in capsys.readouterr().out


def test_mnists_files_that_are_not_the_official_ones_bring_a_note(tmp_path, capsys):
    assert main([*TINY, "--data", "mnist", "--data-dir", str(write_mnist(tmp_path)), "--out", str(tmp_path / "out")]) == 0
    assert "Note: The training set is not MNIST's official one: 60 images" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--activations", "sillu"], "unknown activation 'sillu'; did you mean 'silu'?"),
        (["--activations", "relu,,tanh"], "--activations must be names with commas"),
        (["--activations", "step"], "slope is 0 everywhere"),
        (["--layers", "relu", "--hidden", "3"], "two hidden layers"),
        (["--layers", "relu", "--activations", "relu"], "two different comparisons"),
        (["--hidden", "3,x"], "--hidden must be whole numbers"),
        (["--rates", "fast"], "--rates must be numbers"),
        (["--rates", "0"], "rates must be positive"),
        (["--seeds", "1"], "seeds must be at least 2"),
        (["--seeds", "many"], "--seeds"),
        (["--epochs", "0"], "epochs must be at least 1"),
        (["--epoch", "3"], "--epoch"),
        (["--data", "nowhere.csv"], "no file 'nowhere.csv'"),
        (["--data", "iris"], "unknown data 'iris'"),
        (["--data", "mnist", "--data-dir", "nowhere"], "no folder 'nowhere'"),
    ],
)
def test_bad_options(refused, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in refused("compare", *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("a,b,class\n" + "1,nan,x\n2,3,y\n" * 9, "line 2, column 'b': nan"),
        ("a,b,class\n" + "1,two,x\n2,3,y\n" * 9, "'two' is not a number"),
        ("a,b,class\n" + "1,2,x\n" * 9, "single class"),
        ("a,b,class\n" + "1,2,x\n2,3,y\n" * 3, "has 3 rows, but 5 folds and a test set need at least 6"),
    ],
)
def test_bad_data(refused, tmp_path, text, words):
    (tmp_path / "data.csv").write_text(text)
    assert words in refused("compare", "--data", str(tmp_path / "data.csv"), "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_corrupt_idx_file(refused, tmp_path):
    (write_mnist(tmp_path) / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x0d\x01"))
    assert "t10k-labels-idx1-ubyte.gz' is not an IDX file" in refused("compare", "--data", "mnist", "--data-dir", str(tmp_path))


def test_an_unwritable_folder(refused, tmp_path):
    (tmp_path / "file").write_text("kept")
    assert "name another folder by --out" in refused(*TINY, "--out", str(tmp_path / "file" / "out"))
    assert (tmp_path / "file").read_text() == "kept"


def test_results_of_another_run_stay(refused, tmp_path, capsys):
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert "results of another run (other seeds)" in refused(*TINY, "--seeds", "3", "--out", str(tmp_path))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ogive {ogive.__version__}\n"
    assert main([]) == 0
    assert "compare" in capsys.readouterr().out
    assert main(["compare", "--help"]) == 0
    printed = capsys.readouterr().out
    for option in ("--activations", "--layers", "--data", "--data-dir", "--target", "--hidden", "--seeds", "--epochs", "--rates", "--out"):
        assert option in printed


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}, check=False
    )


def test_help_loads_nothing_heavy():
    finished = _python(
        "import sys; from ogive.cli import main; main(['compare', '--help']);"
        "heavy = {'torch', 'sklearn', 'scipy', 'matplotlib', 'jinja2', 'pooch', 'rich', 'sqlite3'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("missing", ["typer", "torch", "sklearn", "rich"])
def test_a_missing_extra_is_one_line(missing):
    code = f"""
import importlib.abc, importlib.util, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
from ogive.cli import main
sys.exit(main({TINY!r}))
"""
    finished = _python(code)
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.count("\n") == 1
    assert missing in finished.stderr
    assert 'pip install "ogive[lab]"' in finished.stderr
