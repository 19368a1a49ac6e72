"""Keras's distillation losses: made with their options, then called with the teacher's outputs and the student's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ogive import catalogue
from ogive.errors import InputError
from ogive.peers.registry import Function, peer, register
from ogive.peers.values import floats, mean

_SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}


def _loss(named: str | Function) -> Function:
    return peer(f"keras.losses.{_SHORT.get(named, named)}") if isinstance(named, str) else named


def logits_distillation(temperature: float = 3.0, loss: str | Function = "kl_divergence") -> Function:
    """The mean over the rows of the divergence of the softened student from the teacher, times the squared temperature.

    Another loss, by name or a function of teacher and student, is called with the logits over the temperature. Keras does so with
    "kl_divergence" too, and takes the logits for probabilities; only its class KLDivergence() gives it what is meant.
    """
    if loss == "kl_divergence":
        return lambda teacher_outputs, student_outputs: catalogue.get("distillation")(
            student_outputs, teacher_outputs, temperature=temperature
        )

    def call(teacher_outputs: Any, student_outputs: Any) -> Any:
        scaled = (floats("outputs", array) / temperature for array in (teacher_outputs, student_outputs))
        return mean(_loss(loss)(*scaled), None)

    return call


def feature_distillation(
    loss: str | Function = "mse", teacher_layer_name: str | None = None, student_layer_name: str | None = None
) -> Function:
    """The mean of a loss of the teacher's features and the student's, by name or a function of both. There are no layers to name here."""
    if teacher_layer_name is not None or student_layer_name is not None:
        raise InputError("teacher_layer_name and student_layer_name must be None; pass the outputs of these layers to the loss")
    return lambda teacher_outputs, student_outputs: mean(np.asarray(_loss(loss)(teacher_outputs, student_outputs)), None)


register("keras.distillation.LogitsDistillation", "distillation", logits_distillation)
register("keras.distillation.FeatureDistillation", "mean_squared_error", feature_distillation)
