"""scikit-learn's losses (scikit-learn 1.9) over NumPy arrays: those of `sklearn._loss`, of SGD, of the multilayer perceptrons, and metrics.

Targets come first. Weighted means are divided by the sum of the weights. What the constructors of `sklearn._loss` take beside a parameter
changes no value, and neither does `n_threads`; constants that depend on the target alone are left out as there.
"""

from ogive.peers.sklearn import class_metrics, descent, metrics, networks, objects
