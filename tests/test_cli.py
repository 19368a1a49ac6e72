"""The command line: what it prints, and that everything the user can mend is one line and exit code 2."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lab_samples import write_mnist

import ogive
from ogive.cli import main
from ogive.lab.options import OPTIONS

pytest.importorskip("typer")
pytest.importorskip("sklearn")

TINY = ["compare", "--activations", "relu,tanh", "--hidden", "6", "--seeds", "5", "--epochs", "1", "--try-rates", "0.01,0.1,0.3"]
TINY += ["--workers", "1"]


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
    for heading in ("rank", "group", "activation", "accuracy", "to the best", "valid.", "rate", "dead", "sat.", "grad.", "div."):
        assert heading in printed.out
    assert re.search(r"^ +1 +a +(relu|tanh) +[\d.]+ ± [\d.]+% +best", printed.out, re.MULTILINE)
    assert "1,077 training rows, 360 test rows" in printed.out
    [report] = tmp_path.glob("report-*.html")
    assert f"results  {tmp_path / 'results.sqlite'}\nreport   {report}\n" in printed.out
    assert max(map(len, printed.out.splitlines()[:8])) <= 120

    assert main([*TINY, "--out", str(tmp_path)]) == 0
    again = capsys.readouterr()
    assert (again.out, again.err) == (printed.out, ""), "a finished run prints the same at once"


def test_where_nobody_watches_lines_tell_the_time_left(tmp_path, capsys):
    wide = ["--hidden", "400", "--seeds", "30", "--learning-rates", "0.1"]  # more than is trained at once
    assert main(["compare", "--activations", "relu,tanh", *wide, "--epochs", "1", "--workers", "1", "--out", str(tmp_path)]) == 0
    assert re.search(r"\d+%, about .* left", capsys.readouterr().err)


def test_a_study_in_a_file_is_the_same_as_its_options(tmp_path, capsys):
    study = tmp_path / "study.toml"
    study.write_text('activations = ["relu", "tanh"]\nhidden = "6"\nseeds = 50\nepochs = 1\ntry-rates = [0.01, 0.1, 0.3]\nworkers = 1\n')
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert main(["compare", str(study), "--seeds", "5", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr() == (printed, ""), "nothing is trained again, and an option overrules the file"


def test_factors_cross_and_each_gives_the_arms_a_name(tmp_path, capsys):
    arguments = ["--optimizers", "sgd,adam", "--biases", "yes,no", "--learning-rates", "0.01"]
    assert main([*TINY[:-4], "--workers", "1", *arguments, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "8 arms" in printed
    assert all(
        f"{first}, {bias}, {optimizer}" in printed for first in ("relu", "tanh") for bias in ("yes", "no") for optimizer in ("sgd", "adam")
    )


@pytest.mark.parametrize("form", ["json", "csv", "md", "html"])
def test_other_formats_are_all_that_is_printed(tmp_path, capfdbinary, form):
    assert main([*TINY, "--format", form, "--out", str(tmp_path)]) == 0
    text = capfdbinary.readouterr().out.decode()
    if form == "json":
        assert len(json.loads(text)["networks"]) == 10
    elif form == "csv":
        assert {row["arm"] for row in csv.DictReader(io.StringIO(text))} == {"relu", "tanh"}
    elif form == "md":
        assert text.startswith("**digits: 2 arms, 5 seeds, 1 epoch**")
    else:
        assert text == next(tmp_path.glob("report-*.html")).read_text(encoding="utf-8")


def test_a_csv_of_the_users_own(tmp_path, capsys):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'in' if a * b > 0 else 'out'}" for a, b in rng.normal(size=(80, 2))]
    (tmp_path / "points.csv").write_text("\n".join(["a,b,where", *rows]))
    assert main([*TINY, "--data", str(tmp_path / "points.csv"), "--out", str(tmp_path / "out")]) == 0
    assert "points: 2 arms" in capsys.readouterr().out


def test_mnists_files_that_are_not_the_official_ones_bring_a_note(tmp_path, capsys):
    assert main([*TINY, "--data", "mnist", "--data-dir", str(write_mnist(tmp_path)), "--out", str(tmp_path / "out")]) == 0
    assert re.search("Note: .*not .*official", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--activations", "sillu"], "unknown activation 'sillu'; did you mean 'silu'?"),
        (["--activations", "relu,,tanh"], "--activations must be names with commas"),
        (["--activations", "step"], "slope is 0 everywhere"),
        (["--layers", "relu", "--hidden", "3"], "names 2 layers, but hidden '3' has 1"),
        (["--layers", "relu", "--activations", "relu"], "layers and activations are two ways"),
        (["--hidden", "3,x"], "'x' is not a whole number"),
        (["--optimizers", "sdg"], "unknown optimiser 'sdg'; did you mean 'sgd'?"),
        (["--try-rates", "fast"], "--try-rates must be numbers"),
        (["--try-rates", "0,1"], "try_rates must be positive"),
        (["--memory", "much"], "--memory must be a size"),
        (["--hidden", "1000000-1000000", "--memory", "1GB"], "memory is limited to"),
        (["--out", ""], "--out is empty"),
        (["--format", "xml"], "unknown format 'xml'; choose from table"),
        (["nowhere.toml"], "cannot read the study 'nowhere.toml'"),
        (["--seeds", "1"], "seeds must be at least 2"),
        (["--seeds", "many"], "--seeds"),
        (["--epochs", "0"], "epochs must be at least 1"),
        (["--epoch", "3"], "--epoch"),
        (["--data", "nowhere.csv"], "no file 'nowhere.csv'"),
        (["--data", "irys"], "did you mean 'iris'?"),
        (["--data", "mnist", "--data-dir", "nowhere"], "no folder 'nowhere'"),
    ],
)
def test_bad_options(refused, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in refused("compare", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_bad_data(refused, tmp_path):
    (tmp_path / "data.csv").write_text("")
    assert "is empty" in refused("compare", "--data", str(tmp_path / "data.csv"), "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_corrupt_idx_file(refused, tmp_path):
    (write_mnist(tmp_path) / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x0d\x01"))
    assert "t10k-labels-idx1-ubyte.gz' is not an IDX file" in refused("compare", "--data", "mnist", "--data-dir", str(tmp_path))


def test_an_unwritable_folder(refused, tmp_path):
    (tmp_path / "file").write_text("kept")
    assert "name another folder by --out" in refused(*TINY, "--out", str(tmp_path / "file" / "out"))
    assert (tmp_path / "file").read_text() == "kept"


def test_another_study_shares_the_file_and_what_it_knows(tmp_path, capsys):
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    assert main([*TINY, "--seeds", "10", "--activations", "relu", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("report-*.html"))) == 2
    capsys.readouterr()
    assert main([*TINY, "--activations", "relu", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == "", "every network of it is known"


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ogive {ogive.__version__}\n"
    assert main([]) == 0
    assert "compare" in capsys.readouterr().out
    assert main(["compare", "--help"]) == 0
    printed = capsys.readouterr().out
    assert all(option.flag in printed for option in OPTIONS)


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}, check=False
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The command of a run that is finished, so that only the output is left to do."""
    arguments = [*TINY, "--out", str(tmp_path_factory.mktemp("finished"))]
    assert main(arguments) == 0
    return arguments


def _ogive(arguments, **given):
    return subprocess.run([sys.executable, "-m", "ogive", *arguments], stderr=subprocess.PIPE, timeout=60, check=False, **given)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("more", [[], ["--format", "json"], ["--help"]])
def test_a_full_disk_is_one_line(finished, more):
    with Path("/dev/full").open("wb") as full:
        ended = _ogive([*finished, *more], stdout=full)
    assert ended.returncode == 2
    assert ended.stderr == b"ogive: cannot write the output: No space left on device; results that were finished are kept\n"


@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_a_closed_pipe_is_one_line(finished, more):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        ended = _ogive([*finished, *more], stdout=closed)
    assert ended.returncode == 2
    assert ended.stderr == b"ogive: cannot write the output: what reads it was closed; results that were finished are kept\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_signs_gets_others(finished, encoding):
    ended = _ogive(finished, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ("+/-" if encoding == "ascii" else "±") in ended.stdout.decode(encoding)


def test_help_loads_nothing_heavy():
    finished = _python(
        "import sys; from ogive.cli import main; main(['compare', '--help']);"
        "heavy = {'torch', 'sklearn', 'scipy', 'matplotlib', 'pandas', 'jinja2', 'pooch', 'rich', 'sqlite3'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("missing", ["typer", "sklearn", "scipy", "rich", "jinja2"])
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
