"""MNIST in its official format: four IDX files, read with every byte accounted for.

The format is that of LeCun, Cortes and Burges: two zero bytes, a type code (8 for unsigned bytes), the number of
dimensions, each dimension as a big-endian 32-bit integer, then the bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.dataset import Dataset

FOLDER_VARIABLE = "OGIVE_MNIST_DIR"

MIRRORS = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")

COMPRESSED_SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
"""What a download must be."""

CONTENT_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""What the official files hold, however they are compressed."""


def load_mnist(folder: Path | None = None) -> Dataset:
    """Load MNIST from a folder, or download it where no folder is named.

    Parameters
    ----------
    folder
        Holds the four files, gzipped or plain. By default the environment variable ``OGIVE_MNIST_DIR``; where that is
        not set either, the files come from the network (checked against their SHA-256) and stay in the user's cache.
        A folder with other images in the same format loads too, with a note that they are not the official ones.
    """
    named = folder if folder is not None else os.environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else _download()
    if not folder.is_dir():
        raise InputError(f"no folder {str(folder)!r}; give the folder of the MNIST files by --data-dir or {FOLDER_VARIABLE}")
    unofficial: list[str] = []
    (images, labels), (test_images, test_labels) = (_read_pair(folder, part, unofficial) for part in ("train", "t10k"))
    if images.shape[1] != test_images.shape[1]:
        raise InputError(
            f"{str(folder)!r}: training images have {images.shape[1]} pixels and test images {test_images.shape[1]}; they must agree"
        )
    return Dataset(
        name="mnist",
        inputs=images,
        labels=labels,
        classes=tuple(str(digit) for digit in range(10)),
        test_inputs=test_images,
        test_labels=test_labels,
        notes=tuple(unofficial),
        alike=True,
    )


def read_idx(path: Path, dimensions: int) -> tuple[NDArray[np.uint8], str]:
    """Read one IDX file of unsigned bytes, gzipped or plain; return the array and the SHA-256 of its content."""
    content = _content(path)
    magic = bytes((0, 0, 8, dimensions))
    if content[:4] != magic:
        raise InputError(
            f"{str(path)!r} is not an IDX file of {dimensions}-d bytes: it starts with {content[:4].hex(' ') or 'nothing'}, "
            f"not {magic.hex(' ')}; fetch it again"
        )
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise InputError(f"{str(path)!r} ends inside its header; fetch it again")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise InputError(f"{str(path)!r} says {' × '.join(map(str, shape))} bytes but holds {len(content) - start}; fetch it again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape), hashlib.sha256(content).hexdigest()


def _read_pair(folder: Path, part: str, unofficial: list[str]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images as float32 rows with their labels; a note is added where they are not the official ones."""
    image_path, label_path = _find(folder, f"{part}-images-idx3-ubyte"), _find(folder, f"{part}-labels-idx1-ubyte")
    images, image_sha256 = read_idx(image_path, 3)
    labels, label_sha256 = read_idx(label_path, 1)
    if len(images) != len(labels):
        raise InputError(
            f"{str(image_path)!r} has {len(images)} images and {str(label_path)!r} {len(labels)} labels; fetch both from one place"
        )
    if len(images) == 0:
        raise InputError(f"{str(image_path)!r} has no images; fetch it again")
    if labels.max() > 9:
        raise InputError(f"{str(label_path)!r} has the label {labels.max()}, but digits are 0 to 9; fetch it again")
    official = (CONTENT_SHA256[f"{part}-images-idx3-ubyte"], CONTENT_SHA256[f"{part}-labels-idx1-ubyte"])
    if (image_sha256, label_sha256) != official:
        whole = "training" if part == "train" else "test"
        unofficial.append(f"The {whole} set is not MNIST's official one: {len(images)} images from {folder.name}.")
    return images.reshape(len(images), -1).astype(np.float32), labels.astype(np.int64)


def _find(folder: Path, name: str) -> Path:
    for candidate in (folder / f"{name}.gz", folder / name):
        if candidate.is_file():
            return candidate
    raise InputError(f"no {name}.gz (or {name}) in {str(folder)!r}; put the four MNIST files there")


def _content(path: Path) -> bytes:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                return file.read()
        return path.read_bytes()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{str(path)!r} is a broken gzip file ({error}); fetch it again") from error
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror or error}; check its permissions") from error


def _download() -> Path:
    """The folder in the user's cache, filled from the first mirror that answers."""
    import pooch

    folder = Path(pooch.os_cache("ogive")) / "mnist"
    failures = []
    for mirror in MIRRORS:
        fetcher = pooch.create(
            path=folder, base_url=mirror, registry={name: f"sha256:{sha256}" for name, sha256 in COMPRESSED_SHA256.items()}
        )
        try:
            for name in COMPRESSED_SHA256:
                fetcher.fetch(name)
        except (OSError, ValueError) as error:  # no network, no space, or a file with another checksum
            failures.append(f"{mirror}: {type(error).__name__}")
        else:
            return folder
    raise InputError(
        f"cannot download MNIST ({'; '.join(failures)}); put the four files into a folder and name it by --data-dir or {FOLDER_VARIABLE}"
    )
