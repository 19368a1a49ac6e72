"""A data set: rows to classify, their labels, and what a reader should know of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Rows to classify, and which of them are kept for the one look at the end.

    Attributes
    ----------
    name
        A word for titles and folder names.
    inputs
        ``(rows, features)``, float32, as measured: the network standardises them itself.
    labels
        ``(rows,)``, int64, ``0 … classes − 1``.
    classes
        What the user calls each class.
    test_inputs, test_labels
        The official test set where there is one; otherwise ``None`` and a stratified fifth is held out.
    notes
        Sentences that a reader of the results should know.
    alike
        Whether all features share one unit, as pixels do, and so one standardisation.
    """

    name: str
    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    test_inputs: NDArray[np.float32] | None = None
    test_labels: NDArray[np.int64] | None = None
    notes: tuple[str, ...] = field(default=())
    alike: bool = False

    @property
    def sha256(self) -> str:
        """What the numbers are, independent of the file they came in."""
        digest = hashlib.sha256("\n".join(self.classes).encode())
        for array in (self.inputs, self.labels, self.test_inputs, self.test_labels):
            if array is not None:
                digest.update(repr(array.shape).encode())
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
