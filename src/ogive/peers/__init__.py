"""Other libraries' losses by their full names: their signatures, defaults, clipping and reductions, made of the entries' own terms.

`ogive.peer(name)` finds one; an entry lists those made of it under `peers`. They give values: a gradient is that of the entry, and where
a library clips, what is clipped has none. What a library documents is kept, a floor or a factor of 100 included; where its numbers are
wrong (digits lost, overflow, NaN) ours are right, and the docstring says so. Arrays are NumPy's, the dtype is that of the prediction, and
shapes that a library would broadcast without being asked to are refused. Of XGBoost and LightGBM there are the objectives, which give
gradient and Hessian.
"""

from ogive.catalogue import entries
from ogive.peers import boosting, keras, optax, pytorch, scipy, sklearn
from ogive.peers.registry import peer as peer

for entry in entries("loss"):
    if entry.peers:
        entry.document()
