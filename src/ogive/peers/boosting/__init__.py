"""The objectives of XGBoost and LightGBM by their full names: with their options, functions of target and raw score that give what the
booster adds up, the gradient and the Hessian of each row.

These have the order and the shape that both libraries' own estimators take as an objective. The gradient is that of the entry, and so is
the Hessian where a docstring does not say what stands in its place. What a library does beside it, such as LightGBM's new values of leaves
for absolute errors, is not in these two arrays. The libraries compute in float32; here results have the dtype of the scores.
"""

from ogive.peers.boosting import both, lightgbm, xgboost
