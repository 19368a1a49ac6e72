"""Optax's losses (optax 0.2.8) over NumPy arrays: one number for each element or row, and nothing reduced.

`where` says what counts. Targets of rows need not sum to 1.
"""

from ogive.peers.optax import classification, divergences, margins, overlap, regression, similarity
