"""Arms: what the levels of factors cross to, and what they differ in besides."""

from __future__ import annotations

import dataclasses

import pytest

import ogive
from ogive.lab import compare
from ogive.lab.arms import cross
from ogive.lab.factors import FACTORS
from ogive.lab.task import Task

DIGITS = Task(tuple("0123456789"))


def test_factors_cross_and_arms_are_named_by_what_varies():
    arms = cross({"activations": ["relu", "none/Swish"], "optimizers": ["sgd", "adam"], "hidden": "16-8"}, DIGITS, 3)
    assert [arm.name for arm in arms] == ["relu, sgd", "relu, adam", "none/silu, sgd", "none/silu, adam"]
    assert [arm.name for arm in cross({"activations": [ogive.relu, "tanh"]}, DIGITS, 3)] == ["relu", "tanh"]
    assert arms[2].initializers == ("lecun_normal", ogive.get("silu").initializer, "lecun_normal")
    assert arms[0].initializers == ("he_normal", "he_normal", "lecun_normal")
    assert [factor for factor, _ in arms[0].levels] == [factor.name for factor in FACTORS]


def test_a_list_is_of_levels_and_a_tuple_is_one_shape():
    def hidden(given):
        return [arm.setup.hidden for arm in cross({"activations": "relu", "hidden": given}, DIGITS, 1)]

    assert hidden([16, 32]) == hidden("16,32") == hidden(["16", "32"]) == [(16,), (32,)]
    assert hidden((16, 32)) == hidden("16-32") == hidden([(16, 32)]) == [(16, 32)]
    assert [arm.name for arm in cross({"activations": "relu,tanh"}, DIGITS, 1)] == ["relu", "tanh"]


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.option)
def test_levels_are_read_back_as_they_are_written(factor):
    arms = cross({"activations": "relu"}, DIGITS, 1)
    level = arms[0].level(factor.name)
    again = cross({"activations": "relu", factor.option: level}, DIGITS, 1)
    assert again == arms
    assert cross({"activations": "relu", factor.option: [level]}, DIGITS, 1) == arms


def test_the_default_arms_are_those_that_the_catalogue_marks():
    expected = [name for name in ogive.names("activation") if ogive.get(name).hidden]
    assert [arm.name for arm in cross({}, DIGITS, 1)] == expected
    assert "relu" in expected
    assert not {"step", "identity", "gelu_tanh"} & set(expected)


def test_an_initialiser_that_only_some_arms_have_is_pointed_out(tiny):
    assert any("glorot_normal with sigmoid, tanh" in note for note in tiny.notes)
    alike = cross({"activations": ["relu", "tanh"], "initializers": "he_normal"}, DIGITS, 1)
    assert ogive.lab.arms.confounds(alike) == []
    [note] = ogive.lab.arms.confounds(cross({"activations": ["relu", "tanh"], "hidden": ["8", "8-4"]}, DIGITS, 1))
    assert "(he_normal with relu; glorot_normal with tanh)" in note
    assert "--initializers he_normal,glorot_normal" in note
    assert ogive.lab.arms.confounds(cross({"activations": "relu", "hidden": ["8", "8-4"]}, DIGITS, 1)) == []


def test_a_batch_of_more_rows_than_there_are_is_pointed_out(tiny):
    assert not any("No batch" in note for note in tiny.notes)
    arms = cross({"activations": "relu", "batch_sizes": [8, 2000]}, DIGITS, 1)
    [note] = [note for note in dataclasses.replace(tiny, study=dataclasses.replace(tiny.study, arms=arms)).notes if "No batch" in note]
    assert f"{tiny.training_rows:,} training rows: batch size 2,000 means all of them" in note


def test_pairs_of_layers(tmp_path):
    comparison = compare(layers=["none", "relu"], hidden="4-4", seeds=2, epochs=1, learning_rates=0.1, out=tmp_path)
    assert [result.arm.name for result in comparison.arms] == ["none/none", "none/relu", "relu/none", "relu/relu"]
