"""Keras's losses (keras 3.15) over NumPy arrays: targets first, the mean over the last axis, probabilities clipped at 1e-7.

A class takes sample weights beside the arrays, and divides the weighted sum by the number of values ("sum_over_batch_size"), or of those
that its mask leaves. Its `name` changes nothing; a `dtype` of None is that of the prediction here, where Keras computes in float32.
What is clipped has no gradient there: a probability below 1e-7 of the true class teaches nothing. From logits nothing is clipped here.
"""

from ogive.peers.keras import classification, distillation, margins, overlap, regression, similarity
