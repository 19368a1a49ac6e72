"""MNIST and Fashion-MNIST in their official format: four IDX files, read with every byte accounted for.

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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ogive.errors import InputError
from ogive.lab.dataset import Dataset
from ogive.lab.task import Task


@dataclass(frozen=True)
class Source:
    """Where a set of images comes from, and how its official files are known.

    Attributes
    ----------
    folder_variable
        The environment variable that may name a folder of the files.
    mirrors
        Addresses that have the compressed files.
    compressed
        The SHA-256 of each compressed file: what a download must be.
    content
        That of what it holds, where that is known: the official images compressed in another way are official too.
    """

    title: str
    classes: tuple[str, ...]
    folder_variable: str
    mirrors: tuple[str, ...]
    compressed: Mapping[str, str]
    content: Mapping[str, str]

    def is_official(self, name: str, sums: set[str]) -> bool:
        """Whether one of these sums is that of the official file."""
        return bool(sums & {self.compressed[f"{name}.gz"], self.content.get(name)})


SOURCES = {
    "mnist": Source(
        title="MNIST",
        classes=tuple(str(digit) for digit in range(10)),
        folder_variable="OGIVE_MNIST_DIR",
        mirrors=("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
        compressed={
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
        content={
            "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ),
    "fashion_mnist": Source(
        title="Fashion-MNIST",
        classes=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        folder_variable="OGIVE_FASHION_MNIST_DIR",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        compressed={
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
        content={},
    ),
}


def load_images(name: str, folder: Path | None = None) -> Dataset:
    """Load one of ``SOURCES`` from a folder, or download it where no folder is named.

    Parameters
    ----------
    folder
        Holds the four files, gzipped or plain. By default the source's environment variable names it; where that is not
        set either, the files come from the network (checked against their SHA-256) and stay in the user's cache.
        A folder with other images in the same format loads too, with a note that they are not known as the official ones.
    """
    source = SOURCES[name]
    named = folder if folder is not None else os.environ.get(source.folder_variable)
    folder = Path(named) if named else _download(name, source)
    if not folder.is_dir():
        raise InputError(
            f"no folder {str(folder)!r}; give the folder of the {source.title} files by --data-dir or {source.folder_variable}"
        )
    training, test = (_read_part(folder, part, source) for part in ("train", "t10k"))
    if training.images.shape[1:] != test.images.shape[1:]:
        raise InputError(
            f"{str(folder)!r}: training images have {' × '.join(map(str, training.images.shape[1:]))} pixels and test images "
            f"{' × '.join(map(str, test.images.shape[1:]))}; they must agree"
        )
    images = np.concatenate([training.images, test.images])
    height, width = images.shape[1:]
    return Dataset(
        name=name,
        numeric=images.reshape(len(images), -1),
        categorical=np.empty((len(images), 0), object),
        target=np.concatenate([training.labels, test.labels]).astype(np.int64),
        task=Task(source.classes),
        official_test=np.arange(len(images)) >= len(training.images),
        columns=tuple(f"pixel_{row}_{column}" for row in range(height) for column in range(width)),
        notes=(*training.notes, *test.notes),
        alike=True,
    )


def read_idx(path: Path, dimensions: int) -> tuple[NDArray[np.uint8], set[str]]:
    """Read one IDX file of unsigned bytes, gzipped or plain; return the array and the SHA-256 of the file and of its content."""
    stored, content = _contents(path)
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
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape), {hashlib.sha256(data).hexdigest() for data in (stored, content)}


@dataclass(frozen=True)
class _Part:
    """The images and labels that train, or that test."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    notes: tuple[str, ...]


def _read_part(folder: Path, part: str, source: Source) -> _Part:
    image_name, label_name = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    image_path, label_path = _find(folder, image_name), _find(folder, label_name)
    images, image_sums = read_idx(image_path, 3)
    labels, label_sums = read_idx(label_path, 1)
    if len(images) != len(labels):
        raise InputError(
            f"{str(image_path)!r} has {len(images)} images and {str(label_path)!r} {len(labels)} labels; fetch both from one place"
        )
    if images.size == 0:
        raise InputError(f"{str(image_path)!r} has no images; fetch it again")
    if labels.max() > 9:
        raise InputError(f"{str(label_path)!r} has the label {labels.max()}, but there are ten classes, 0 to 9; fetch it again")
    if source.is_official(image_name, image_sums) and source.is_official(label_name, label_sums):
        return _Part(images, labels, ())
    whole = "training" if part == "train" else "test"
    return _Part(
        images, labels, (f"The {whole} set is not known as {source.title}'s official one: {len(images)} images from {folder.name}.",)
    )


def _find(folder: Path, name: str) -> Path:
    for candidate in (folder / f"{name}.gz", folder / name):
        if candidate.is_file():
            return candidate
    raise InputError(f"no {name}.gz (or {name}) in {str(folder)!r}; put the four files there")


def _contents(path: Path) -> tuple[bytes, bytes]:
    """What the file holds, as it is and decompressed."""
    try:
        stored = path.read_bytes()
        return stored, gzip.decompress(stored) if path.suffix == ".gz" else stored
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{str(path)!r} is a broken gzip file ({error}); fetch it again") from error
    except OSError as error:
        raise InputError(f"cannot read {str(path)!r}: {error.strerror or error}; check its permissions") from error


def _download(name: str, source: Source) -> Path:
    """The folder in the user's cache, filled from the first mirror that answers."""
    import pooch

    folder = Path(pooch.os_cache("ogive")) / name
    failures = []
    for mirror in source.mirrors:
        fetcher = pooch.create(
            path=folder, base_url=mirror, registry={file: f"sha256:{sha256}" for file, sha256 in source.compressed.items()}
        )
        try:
            for file in source.compressed:
                fetcher.fetch(file)
        except ValueError:
            failures.append(f"{mirror}: another checksum")
        except OSError as error:  # no network, no such file, no space
            failures.append(f"{mirror}: {type(error).__name__}")
        else:
            return folder
    raise InputError(
        f"cannot download {source.title} ({'; '.join(failures)}); put the four files into a folder and name it by --data-dir or "
        f"{source.folder_variable}"
    )
