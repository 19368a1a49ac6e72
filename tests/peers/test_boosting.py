"""Our objectives under XGBoost's and LightGBM's names give the gradients and Hessians of the libraries themselves (3.2.0 and 4.7.0)."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import ogive

Row = tuple[str, dict[str, float], float, float, float, float]

# Name, options, score and target of a row, and the gradient and the Hessian that XGBoost 3.2.0 gave for it, in float32.
XGBOOST: list[Row] = [
    ("reg:squarederror", {}, 0.3, 1.0, -0.7, 1.0),
    ("reg:squaredlogerror", {}, 0.3, 1.0, -0.331371498, 0.846617162),
    ("reg:squaredlogerror", {}, 2.0, 0.5, 0.231049064, 0.0340947583),
    ("reg:squaredlogerror", {}, 9.0, 0.5, 0.189711998, 1e-6),
    ("reg:absoluteerror", {}, 2.0, 0.5, 1.0, 1.0),
    ("reg:absoluteerror", {}, 0.75, 0.75, 0.0, 1.0),
    ("reg:quantileerror", {"quantile_alpha": 0.3}, 0.3, 1.0, -0.3, 1.0),
    ("reg:quantileerror", {"quantile_alpha": 0.3}, 2.0, 0.5, 0.7, 1.0),
    ("reg:quantileerror", {"quantile_alpha": 0.3}, 0.75, 0.75, 0.7, 1.0),
    ("reg:pseudohubererror", {"huber_slope": 2.0}, 0.3, 1.0, -0.660700777, 0.84085381),
    ("reg:pseudohubererror", {"huber_slope": 2.0}, 2.0, 0.5, 1.2, 0.512),
    ("reg:logistic", {}, 0.75, 0.75, -0.070821284, 0.217894986),
    ("binary:logistic", {"scale_pos_weight": 3.0}, 0.3, 1.0, -1.276672436, 0.733374953),
    ("binary:logistic", {"scale_pos_weight": 3.0}, 0.75, 0.75, -0.070821284, 0.217894986),
    ("binary:logitraw", {}, 2.0, 0.5, 0.38079703, 0.104993626),
    ("binary:hinge", {}, 0.3, 1.0, -1.0, 1.0),
    ("binary:hinge", {}, 2.0, 0.0, 1.0, 1.0),
    ("count:poisson", {"max_delta_step": 0.7}, 0.3, 1.0, 0.349858891, 2.71828175),
    ("reg:gamma", {}, 2.0, 0.5, 0.932332311, 0.0676676407),
    ("reg:tweedie", {"tweedie_variance_power": 1.2}, 2.0, 0.5, 4.617872352, 4.02945757),
]
# The same of LightGBM 4.7.0; of the last three, whose leaves it renews, what its source adds up.
LIGHTGBM: list[Row] = [
    ("regression", {}, 0.3, 1.0, -0.7, 1.0),
    ("huber", {"alpha": 0.9}, 3.0, 1.0, 0.9, 1.0),
    ("huber", {"alpha": 0.9}, 0.3, 1.0, -0.7, 1.0),
    ("fair", {"fair_c": 2.0}, 0.3, 1.0, -0.518518507, 0.548696816),
    ("fair", {"fair_c": 2.0}, 3.0, 1.0, 1.0, 0.25),
    ("poisson", {}, -2.0, 0.0, 0.135335281, 0.272531807),
    ("gamma", {}, 0.3, 1.0, 0.259181779, 0.740818221),
    ("tweedie", {}, 0.3, 1.0, 0.301126271, 1.011271119),
    ("binary", {"sigmoid": 2.0}, -2.0, 0.0, 0.035972420, 0.070650825),
    ("cross_entropy", {}, -2.0, 0.0, 0.119202919, 0.104993582),
    ("cross_entropy_lambda", {}, -2.0, 0.0, 0.119202919, 0.104993582),
    ("regression_l1", {}, -2.0, 0.5, -1.0, 1.0),
    ("quantile", {"alpha": 0.3}, 0.75, 0.75, 0.7, 1.0),
    ("mape", {}, 5.0, -4.0, 0.25, 1.0),
]
EVERY = [("xgboost", *row) for row in XGBOOST] + [("lightgbm", *row) for row in LIGHTGBM]
SCORES = [0.1, 0.5, -1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("library", "name", "options", "score", "target", "gradient", "hessian"), EVERY)
def test_gradient_and_hessian_are_those_of_the_library(
    library: str, name: str, options: Any, score: float, target: float, gradient: float, hessian: float, dtype: Any
) -> None:
    found = ogive.peer(f"{library}.{name}")(**options)(np.array([target], dtype), np.array([score], dtype))
    assert all(each.dtype == dtype for each in found)
    np.testing.assert_allclose(np.ravel(found), [gradient, hessian], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "gradient", "hessian"),
    [
        ("xgboost.multi:softprob", [0.354020409, -0.471863624, 0.117843164], [0.457379937, 0.498416692, 0.207912311]),
        ("lightgbm.multiclass", [0.354020409, -0.471863624, 0.117843164], [0.343034953, 0.373812519, 0.155934233]),
    ],
)
def test_of_several_classes(name: str, gradient: list[float], hessian: list[float]) -> None:
    for found, expected in zip(ogive.peer(name)()([1], [SCORES]), (gradient, hessian), strict=True):
        np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_one_class_against_the_others() -> None:
    gradient, hessian = ogive.peer("lightgbm.multiclassova")()(np.eye(3)[[1]], [SCORES])
    np.testing.assert_allclose(gradient[0, :2], [0.52497917, -0.37754068], rtol=1e-6)
    np.testing.assert_allclose(hessian[0, :2], [0.24937604, 0.23500371], rtol=1e-6)


@pytest.mark.parametrize(
    "name", [name for entry in ogive.names("loss") for name in ogive.get(entry).peers if "boost" in name or "gbm" in name]
)
def test_an_objective_takes_target_and_score_as_estimators_pass_them(name: str) -> None:
    assert list(inspect.signature(ogive.peer(name)()).parameters) == ["y_true", "y_pred"]


@pytest.mark.parametrize(("name", "options", "score", "target", "gradient", "hessian"), XGBOOST)
def test_the_numbers_are_those_of_the_installed_xgboost(
    name: str, options: Any, score: float, target: float, gradient: float, hessian: float
) -> None:
    """Of one row the leaf is -G / (H + λ), and its cover H."""
    xgboost = pytest.importorskip("xgboost")
    row = xgboost.DMatrix(np.zeros((1, 1)), label=[target])
    row.set_base_margin(np.array([score]))
    settings = {
        "objective": name,
        "eta": 1.0,
        "min_child_weight": 0,
        "reg_lambda": 1.0,
        "base_score": 0.5,
        "tree_method": "exact",
    } | options
    leaf = xgboost.train(settings | options, row, num_boost_round=1).trees_to_dataframe()
    found = (float(-leaf["Gain"].iloc[0] * (leaf["Cover"].iloc[0] + 1)), float(leaf["Cover"].iloc[0]))
    np.testing.assert_allclose(found, (gradient, hessian), rtol=1e-6, atol=1e-7)


BESIDE = {"gamma": (-0.3, 1.0), "binary": (2.0, 1.0)}  # score and target of a row whose gradient has the other sign, or there is no tree


@pytest.mark.parametrize(("name", "options", "score", "target", "gradient", "hessian"), LIGHTGBM[:-3])
def test_the_numbers_are_those_of_the_installed_lightgbm(
    name: str, options: Any, score: float, target: float, gradient: float, hessian: float
) -> None:
    """Of a leaf with one row, two values of λ give both."""
    lightgbm = pytest.importorskip("lightgbm")
    second = BESIDE.get(name, (-1.0, 1.0) if gradient > 0 else (2.5, 0.0))
    leaves = []
    for weight in (0.0, 1.0):
        settings: dict[str, Any] = {"objective": name, "learning_rate": 1.0, "num_leaves": 2, "lambda_l2": weight, "verbosity": -1}
        settings |= {"min_data_in_leaf": 1, "min_data_in_bin": 1, "min_sum_hessian_in_leaf": 0.0, "boost_from_average": False} | options
        rows = lightgbm.Dataset(np.array([[0.0], [1.0]]), [target, second[1]], init_score=[score, second[0]], params=settings)
        tree = lightgbm.train(settings, rows, 1).dump_model()["tree_info"][0]["tree_structure"]
        leaves.append(tree["left_child"]["leaf_value"])
    plain, shrunk = leaves
    found = shrunk / (plain - shrunk)
    np.testing.assert_allclose((-plain * found, found), (gradient, hessian), rtol=1e-5, atol=1e-7)
