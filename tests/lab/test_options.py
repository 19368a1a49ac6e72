"""The same keys and words on the command line and in a TOML study."""

from __future__ import annotations

import inspect

import pytest

from ogive.errors import InputError
from ogive.lab.comparison import compare
from ogive.lab.factors import FACTORS
from ogive.lab.options import OPTIONS, from_command_line, from_toml


def toml(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text)
    return from_toml(path)


def test_every_argument_of_compare_has_an_option_and_every_factor_one():
    """Python alone has progress and admit; workers there default to one."""
    arguments = {name for name, parameter in inspect.signature(compare).parameters.items() if parameter.kind is not parameter.VAR_KEYWORD}
    assert {option.key for option in OPTIONS} == (arguments - {"progress", "admit"}) | {factor.option for factor in FACTORS}
    assert len({option.flag for option in OPTIONS}) == len(OPTIONS)


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("data", "digits", "digits"),
        ("activations", "relu, silu", ["relu", "silu"]),
        ("activations", "relu/tanh", ["relu/tanh"]),
        ("initializers", "normal(0.01),he_normal*2", ["normal(0.01)", "he_normal*2"]),
        ("initializers", "uniform(0, 0.1),he_normal", ["uniform(0, 0.1)", "he_normal"]),
        ("hidden", "64-32,128", ["64-32", "128"]),
        ("seeds", "20", 20),
        ("try_rates", "0.01,1e-1", [0.01, 0.1]),
        ("margin", "0.5pp", 0.005),
        ("until", "1 pp", 0.01),
        ("margin", "0.02", 0.02),
        ("memory", "4GB", 4_000_000_000),
        ("memory", "1.5 gib", 3 << 29),
        ("memory", "1000", 1000),
        ("out", "some/where", "some/where"),
    ],
)
def test_text_means_the_same_on_the_command_line_and_in_toml(tmp_path, key, written, value):
    assert from_command_line({key: written, "seeds" if key != "seeds" else "epochs": None}) == {key: value}
    assert toml(tmp_path, f'{key} = "{written}"') == {key: value}
    assert toml(tmp_path, f'{key.replace("_", "-")} = "{written}"') == {key: value}


def test_tomls_own_lists_and_numbers_are_taken_as_they_are(tmp_path):
    text = 'activations = ["relu", "silu"]\nseeds = 20\ntry_rates = [0.01, 0.1]\nhidden = ["64-32", "128"]\nmargin = 0.01\n'
    assert toml(tmp_path, text) == {
        "activations": ["relu", "silu"],
        "seeds": 20,
        "try_rates": [0.01, 0.1],
        "hidden": ["64-32", "128"],
        "margin": 0.01,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('activation = ["relu"]', "unknown key 'activation' in .*; did you mean 'activations'?"),
        ("seeds = 3\nepochs: 4", "is not valid TOML: .*line 2"),
        ('seeds = "many"', "seeds must be a whole number, got 'many'"),
        ('out = ""', "out is empty"),
    ],
)
def test_a_wrong_study_is_one_line(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as raised:
        toml(tmp_path, text)
    assert "\n" not in str(raised.value)


def test_a_study_may_begin_with_the_mark_of_windows_editors(tmp_path):
    (tmp_path / "marked.toml").write_bytes(b"\xef\xbb\xbfseeds = 3")
    assert from_toml(tmp_path / "marked.toml") == {"seeds": 3}


def test_a_study_that_is_no_text_or_not_there(tmp_path):
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not valid TOML"):
        from_toml(tmp_path / "binary.toml")
    with pytest.raises(InputError, match=r"cannot read the study .*No such file"):
        from_toml(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("key", "written", "words"),
    [
        ("activations", "relu,,tanh", "--activations must be names with commas"),
        ("try_rates", "fast", "--try-rates must be numbers"),
        ("seeds", "2.5", "--seeds must be a whole number"),
        ("margin", "0.5%", "--margin must be a number such as 0.01, or percentage points such as 0.5pp"),
        ("memory", "4 gigs", "--memory must be a size such as 4GB"),
        ("memory", "1.2.3GB", "--memory must be a size"),
        ("out", " ", "--out is empty; leave it out, or give DIR"),
    ],
)
def test_wrong_text_names_the_option(key, written, words):
    with pytest.raises(InputError, match=words):
        from_command_line({key: written})
