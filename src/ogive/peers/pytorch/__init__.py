"""PyTorch's loss functions (torch 2.13) over NumPy arrays: its names, order, defaults, floors and reductions.

Left out are `size_average` and `reduce`, which are deprecated there; what follows them is passed by name. Input and target must have one
shape: where PyTorch broadcasts with a warning, this is an error.
"""

from ogive.peers.pytorch import classification, embeddings, margins, regression
