"""Every recipe: its file is right, its quick form runs, what is done is not done again, and nonsense is refused in one line."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import tomllib
from contextlib import closing
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Formatter
from xml.etree import ElementTree as ET

import pytest

import ogive
from ogive.cli import main
from ogive.errors import OgiveError
from ogive.lab.arms import cross, layer_pairs
from ogive.lab.factors import FACTORS
from ogive.lab.store import Store
from ogive.lab.task import Task
from ogive.palette import LIGHT
from ogive.recipes import dynamics, measurements, reading
from ogive.recipes.command import _print_table
from ogive.recipes.measured import Table
from ogive.recipes.measurements import dead_units
from ogive.recipes.running import run
from ogive.svg import drawn
from ogive.terminal import Terminal
from ogive.verdict import from_json

ROOT = Path(__file__).parents[2]
KOREAN = json.loads((ROOT / "docs" / "site" / "verdicts.ko.json").read_text(encoding="utf-8"))
DIGITS = Task(tuple("0123456789"))
NAMES = reading.names()


@pytest.fixture(scope="module", params=NAMES)
def quick(request, tmp_path_factory):
    """The quick form of a recipe, run once."""
    return ogive.recipe(request.param, quick=True, out=tmp_path_factory.mktemp(request.param))


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_what_it_is(name):
    recipe = reading.read(name)
    assert recipe.title != name
    assert recipe.why.endswith((".", "?"))
    assert recipe.takes
    assert recipe.quick


@pytest.mark.parametrize("name", [name for name in NAMES if reading.read(name).measure is None])
def test_the_levels_of_a_recipe_can_be_had_and_published_results_are_of_its_arms(name):
    recipe = reading.read(name)
    given = {key: value for key, value in recipe.arguments.items() if key in {factor.option for factor in FACTORS}}
    if "layers" in recipe.arguments:
        given["activations"] = layer_pairs(recipe.arguments["layers"])
    arms = {arm.name for arm in cross(given, DIGITS, 1)}
    assert len(arms) > 1
    assert set(recipe.published.results if recipe.published else ()) <= arms


def test_a_recipe_comes_to_verdicts_tables_and_a_report(quick, tmp_path):
    assert quick.results_path.exists()
    assert quick.recipe.measure is None or (quick.verdicts and quick.tables)
    assert all(verdict.endswith((".", "?")) for verdict in quick.verdicts)
    for table in quick.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
    page = quick.report().read_text()
    assert quick.recipe.title in page
    assert not re.search(r'(src|href)="', page), "the page loads nothing"
    text = quick.report(tmp_path / "own.md").read_text()
    pictures = re.findall(r"\]\((.+\.svg)\)", text)
    assert len(pictures) == len(quick.figures) + (quick.comparison is not None)
    for picture in pictures:
        drawing = (tmp_path / picture).read_text()
        ET.fromstring(drawing)
        assert "var(--soft)" in drawing, "its colours are the reader's, light or dark"
        assert not [colour for colour in LIGHT.values() if re.search(rf"(fill|stroke): {colour}\b", drawing)]
    assert all(verdict in text for verdict in quick.verdicts)
    assert ("## hidden layer 1 × hidden layer 2" in text) == (quick.recipe.name == "hidden-layers")


def test_what_a_recipe_says_can_be_said_in_korean_and_kept(quick):
    for verdict in quick.verdicts:
        assert re.search("[가-힣]", verdict.said_in(KOREAN))
        assert from_json(json.loads(json.dumps(verdict.as_json()))) == verdict


@pytest.mark.parametrize("template", KOREAN)
def test_a_korean_sentence_has_what_the_english_one_has(template):
    english, korean = (sorted(field for _, field, _, _ in Formatter().parse(text) if field) for text in (template, KOREAN[template]))
    assert korean == english
    assert re.findall(r"\d+", KOREAN[template]) == re.findall(r"\d+", template), "other numbers are those of the runs"


def test_what_is_done_is_not_done_again(quick, monkeypatch, tmp_path):
    def never(*_arguments):
        raise AssertionError("computed again")

    shutil.copy(quick.results_path, tmp_path)
    with closing(sqlite3.connect(quick.results_path)) as file:
        kept = "measurements" if quick.recipe.measure else "networks"
        assert file.execute(f"SELECT * FROM {kept}").fetchone(), "there is something to be read"
    monkeypatch.setattr(Store, "save", never)
    monkeypatch.setattr(Store, "keep", never)
    for module in (import_module(f"{dynamics.__name__}.{found.name}") for found in iter_modules(dynamics.__path__)):
        for name in {"measure", "surface"} & set(vars(module)):
            monkeypatch.setattr(module, name, never)  # what is computed and not kept is noticed too
    again = ogive.recipe(quick.recipe.name, quick=True, out=tmp_path)
    assert (again.verdicts, again.tables) == (quick.verdicts, quick.tables)
    seen, before = ([[drawn(panel) for panel in figure.panels] for figure in each.figures] for each in (again, quick))
    assert seen == before


def test_a_measurement_that_is_stopped_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    trained, calls = dead_units._trained, []

    def stopped(problem, activation, settings):
        calls.append(activation)
        if calls.count("prelu") == 1 and activation == "prelu":
            raise KeyboardInterrupt
        return trained(problem, activation, settings)

    monkeypatch.setattr(dead_units, "_trained", stopped)
    command = ["recipe", "dying-relu", "--quick", "--seeds", "1", "--out", str(tmp_path)]
    assert main(command) == 130
    assert "ogive: stopped (training, 25%); what is done is kept, and the same command goes on from there" in capsys.readouterr().err
    assert main(command) == 0
    assert calls == ["relu", "leaky_relu", "prelu", "prelu", "rrelu", "elu", "selu", "gelu", "maxout"]


def test_a_recipe_that_is_written_is_the_same_when_it_is_run_by_its_path(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["recipe", "three-seeds", "--write", "my.toml"]) == 0
    assert main(["recipe", "three-seeds", "--show"]) == 0
    assert capsys.readouterr().out == (tmp_path / "my.toml").read_text()
    mine, own = reading.read("my.toml"), reading.read("three-seeds")
    assert (mine.arguments, mine.quick, mine.look) == (own.arguments, own.quick, own.look)
    assert main(["recipe", "my.toml", "--quick", "--seeds", "5", "--data", "iris"]) == 0
    printed = capsys.readouterr().out
    assert "iris: 3 arms, 5 seeds" in printed
    assert "10 trials of three seeds" in printed
    assert "results  ogive-runs/my-quick/results.sqlite\nreport   ogive-runs/my-quick/my.html\n" in printed


def test_the_list_names_every_recipe_with_what_it_needs(capsys):
    assert main(["recipe"]) == 0
    printed = capsys.readouterr().out
    for name in NAMES:
        assert re.search(rf"^{name} ", printed, re.MULTILINE)
    assert "needs MNIST (OGIVE_MNIST_DIR, or a download)" in " ".join(printed.split())
    assert main(["recipe", "--format", "json"]) == 0
    assert f'"name": "{NAMES[0]}"' in capsys.readouterr().out


@pytest.mark.parametrize("form", ["json", "md", "html"])
def test_a_result_is_printed_for_programs_too(form, capsys, tmp_path):
    arguments = ["recipe", "three-seeds", "--quick", "--data", "iris", "--seeds", "5", "--out", str(tmp_path), "--format", form]
    assert main(arguments) == 0
    assert "10 trials of three seeds" in capsys.readouterr().out


COMPARISON = 'data = "iris"\nactivations = ["relu", "tanh"]\nhidden = "4"\nlearning_rates = 0.1\nepochs = 1\nseeds = 2\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data = [", "is not valid TOML.*--write"),
        ("", "is empty; begin anew from ogive recipe NAME --write"),
        ("sedds = 3", "unknown key 'sedds'.*did you mean 'seeds'"),
        (COMPARISON.replace("tanh", "tahn"), "unknown activation 'tahn'; did you mean 'tanh'"),
        (COMPARISON.replace("= 0.1", '= "fast"'), "learning_rates must be 'tuned' or positive numbers"),
        ("seeds = [3]", "seeds must be a whole number"),
        ("data = 3", "data in .* must be text, got 3"),
        ("out = 3", "out in .* must be text, got 3"),
        ("title = 3", "title in .* must be text, got 3"),
        ("quick = 3", r"quick in .* must be a table, \[quick\]"),
        ("[quick]\nsedds = 3", "unknown key 'sedds'"),
        ('look = "effect"', "unknown look 'effect'.*did you mean 'effects'"),
        ('measure = "dead_unit"', "unknown measure 'dead_unit'.*did you mean 'dead_units'"),
        ('measure = "dead_units"\nlook = "effects"', "leave one of them out"),
        ('measure = "dead_units"\nsedds = 3', "unknown key 'sedds'.*did you mean 'seeds'"),
        ('measure = "dead_units"\nseeds = 2.5', "seeds must be a whole number such as 5, got 2.5"),
        ('measure = "dead_units"\nseeds = 0', "seeds must be at least 1, got 0$"),
        ('measure = "dead_units"\nsteps = 1000000000000', "steps must be at most 1,000,000"),
        ('measure = "dead_units"\nbatch_size = 1000000000000', "batch_size must be at most 1,000,000"),
        ('measure = "dead_units"\nseeds = 100000', "1,200,000 networks at once; give fewer"),
        ('measure = "dead_units"\nlearning_rates = [inf]', "learning_rates must be positive numbers"),
        ('measure = "dead_units"\nbiases = [nan]', "biases must be numbers, got"),
        ('measure = "self_normalisation"\nlayers = 1', "layers must be at least 2"),
        ('measure = "self_normalisation"\nnetworks = ["exponential"]', "outputs of exponential .* are too large"),
        ('measure = "vanishing_gradient"\nunits = 1000000', "units must be at most 4,096"),
        ('measure = "initialisers"\nseeds = 1', "seeds must be at least 2, got 1; an interval needs two runs"),
        ('measure = "loss_surfaces"\nlosses = ["cros_entropy"]', "unknown output loss 'cros_entropy'"),
        ('measure = "loss_surfaces"\nscales = [-1.0]', "scales must be positive numbers"),
        ('measure = "loss_surfaces"\nreach = 1e300', "at most 1000"),
        (COMPARISON.replace('"4"', "2020-01-02"), "hidden must be the units of each layer"),
        (COMPARISON.replace("= 0.1", "= true"), "learning_rates must be 'tuned' or positive numbers"),
        ('measure = "dead_units"\nseeds = true', "seeds must be a whole number"),
        ('measure = "dead_units"\nlearning_rates = []', "learning_rates must be a list such as"),
        ('measure = "dead_units"\nlearning_rates = ["x"]', "learning_rates must be a number, got 'x'"),
        ('measure = "dead_units"\nactivations = ["sillu"]', "unknown .*'sillu'; did you mean 'silu'"),
        ('measure = "dead_units"\nactivations = ["cross_entropy"]', "cannot be a hidden layer's"),
        ('measure = "dead_units"\ndata = "diabetes"', "trains on classes"),
        ("[published]\nresults = {relu = 0.9}", "must have a source"),
        ('[published]\nsource = "x"', "results under .* must be a table of numbers"),
        ('[published]\nsource = "x"\nresults = {relu = "high"}', "results under .* must be a table of numbers"),
        ('[published]\nsource = "x"\nruns = 0\nresults = {relu = 0.9}', "runs under .* must be a whole number from 1, got 0"),
        ('[published]\nsauce = "x"', "unknown key 'sauce' under .*did you mean 'source'"),
        (COMPARISON + 'look = "three_seeds"', "two arms or more with 4 to 100 seeds each, got 2 arms and 2 seeds"),
        (COMPARISON.replace('"relu", ', "").replace("= 2", "= 5") + 'look = "three_seeds"', "got 1 arm and 5 seeds"),
        ('look = "effects"\n' + COMPARISON.replace('"relu", ', ""), "factors that are crossed"),
    ],
)
def test_a_recipe_changed_into_nonsense_is_refused_in_one_line(tmp_path, text, words, capsys):
    path = tmp_path / "my.toml"
    path.write_text(text)
    with pytest.raises(OgiveError, match=words):
        run(path, out=tmp_path / "out", changes={})
    assert main(["recipe", str(path), "--out", str(tmp_path / "out")]) == 2
    [said] = capsys.readouterr().err.splitlines()
    assert re.search(words, said), "and nothing was trained before it"


WITH_DATA = ("dying-relu", "hidden-layers", "initialisers", "loss-surfaces", "selu-conditions", "three-seeds", "zig-zag")


@pytest.mark.parametrize("name", WITH_DATA)
def test_the_column_to_predict_is_chosen_in_a_table_of_ones_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("beans.csv").write_text("variety,length\n" + "mung,1.5\nsoy,2.5\n" * 40)
    assert main(["recipe", name, "--quick", "--data", "beans.csv", "--target", "colour"]) == 2
    assert "has no column 'colour' (target); choose from variety, length" in capsys.readouterr().err
    assert [*Path().iterdir()] == [Path("beans.csv")], "and no empty results file is left"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["hiden-layers"], r"unknown recipe 'hiden-layers'; a file of your own ends in \.toml; did you mean 'hidden-layers'\?$"),
        (["none.toml"], "cannot read the recipe 'none.toml': No such file"),
        (["three-seeds", "--seeds", "many"], "--seeds must be a whole number, got 'many'"),
        (["three-seeds", "--quick", "--seeds", "12"], "seeds must be 2 to 5, or a multiple of 5"),
        (["dying-relu", "--data-dir", "x", "--workers", "2"], "'dying-relu' has nothing to do with --data-dir, --workers; leave that out$"),
        (["vanishing-gradient", "--data", "iris"], "has nothing to do with --data; leave that out$"),
        (["three-seeds", "--write", "my.txt"], "ends in .toml"),
        (["three-seeds", "--write", "there.toml"], "is there already"),
        (["three-seeds", "--quick", "--report", "x.pdf"], "must be .html or .md"),
        (["three-seeds", "--format", "tabel"], "unknown format 'tabel'; did you mean 'table'"),
        (["bare.toml", "--quick"], "has no quick form"),
        (["hidden-layers"], "no folder 'nowhere'.*OGIVE_MNIST_DIR, or run the recipe on small data: --quick"),
    ],
)
def test_bad_input_is_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OGIVE_MNIST_DIR", "nowhere")
    (tmp_path / "there.toml").write_text("precious")
    (tmp_path / "bare.toml").write_text(COMPARISON)
    assert main(["recipe", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.splitlines()
    assert re.search(words, line), line
    assert (tmp_path / "there.toml").read_text() == "precious"


def test_every_key_of_a_measurements_recipe_is_an_argument_with_a_default():
    for name in NAMES:
        recipe = reading.read(name)
        if recipe.measure:
            known = measurements.defaults(measurements.function(recipe.measure, "measure", name))
            assert set(tomllib.loads(recipe.text)) - set(reading.OWN_KEYS) <= set(known)
            assert set(recipe.quick) <= set(known)


@pytest.mark.parametrize("width", [36, 50, 80, 200])
def test_numbers_are_whole_in_a_narrow_terminal(width: int) -> None:
    columns = ("net", *(f"standard deviation, layer {layer}" for layer in range(9)), "what it comes to")
    rows = tuple((f"relu he_{row}", *(row + layer / 1000 for layer in range(9)), "rather a long sentence") for row in range(1, 4))
    file = io.StringIO()
    _print_table(Terminal(file=file, width=width), Table("title", columns, rows, "note"))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    words = file.getvalue().split()
    assert all(f"{value:.4g}" in words for row in rows for value in row[1:-1])
    assert words.count("he_1") == sum(line.split()[:1] == ["net"] for line in lines), "each part has the names of its rows"
    assert (words.count("he_1") == 1) == (width == 200)
