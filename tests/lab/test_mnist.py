"""MNIST's files: read to the last byte, refused when one is missing."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from lab_samples import idx, write_mnist

from ogive.errors import InputError
from ogive.lab import mnist
from ogive.lab.data import load


@pytest.mark.parametrize("compressed", [True, False])
def test_a_folder_of_other_images_loads_and_says_so(tmp_path, compressed):
    dataset = load("mnist", data_dir=write_mnist(tmp_path, compressed=compressed))
    assert dataset.inputs.shape == (60, 16)
    assert dataset.test_inputs.shape == (20, 16)
    assert dataset.labels.tolist() == [row % 10 for row in range(60)]
    assert any("not MNIST's official" in note and "60 images" in note for note in dataset.notes)


def test_the_folder_can_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(mnist.FOLDER_VARIABLE, str(write_mnist(tmp_path)))
    assert len(load("mnist").inputs) == 60


def test_files_with_the_official_content_bring_no_note(tmp_path, monkeypatch):
    write_mnist(tmp_path)
    sums = {name: mnist.read_idx(tmp_path / f"{name}.gz", 3 if "images" in name else 1)[1] for name in mnist.CONTENT_SHA256}
    monkeypatch.setattr(mnist, "CONTENT_SHA256", sums)
    assert load("mnist", data_dir=tmp_path).notes == ()


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def _three_images() -> bytes:
    return idx(np.zeros((3, 4, 4)))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (IMAGES, b"", "broken gzip|starts with nothing"),
        (IMAGES, b"not gzip at all", "broken gzip"),
        (IMAGES, gzip.compress(_three_images())[:-9], "broken gzip"),
        (IMAGES, gzip.compress(b"\0\0\x08\x01" + bytes(30)), "starts with 00 00 08 01"),
        (IMAGES, gzip.compress(b"\0\0\x08\x03\0\0"), "ends inside its header"),
        (IMAGES, gzip.compress(_three_images()[:-1]), "says 3 × 4 × 4 bytes but holds 47"),
        (IMAGES, gzip.compress(_three_images() + b"\0"), "holds 49"),
        (IMAGES, gzip.compress(_three_images()), "3 images and .* 60 labels"),
        (IMAGES, gzip.compress(idx(np.zeros((60, 5, 5)))), "25 pixels and test images 16"),
        (LABELS, gzip.compress(idx(np.full(60, 10))), "label 10"),
        (LABELS, gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 2**32 - 1)), "holds 0"),
    ],
    ids=lambda value: "content" if isinstance(value, bytes) else None,  # the time stands in what gzip writes
)
def test_a_corrupt_file_is_named(tmp_path, name, content, words):
    write_mnist(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        load("mnist", data_dir=tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_no_images_at_all(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / IMAGES).write_bytes(gzip.compress(idx(np.zeros((0, 4, 4)))))
    (tmp_path / LABELS).write_bytes(gzip.compress(idx(np.zeros(0))))
    with pytest.raises(InputError, match="no images"):
        load("mnist", data_dir=tmp_path)


def test_a_missing_file_and_a_missing_folder(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / LABELS).unlink()
    with pytest.raises(InputError, match=r"no train-labels-idx1-ubyte\.gz"):
        load("mnist", data_dir=tmp_path)
    with pytest.raises(InputError, match="no folder"):
        load("mnist", data_dir=tmp_path / "nowhere")


def test_without_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    import pooch

    monkeypatch.delenv(mnist.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda _name: tmp_path)
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    with pytest.raises(InputError, match=r"cannot download MNIST .*--data-dir"):
        load("mnist")


@pytest.mark.skipif(not os.environ.get(mnist.FOLDER_VARIABLE), reason=f"{mnist.FOLDER_VARIABLE} names no folder of real MNIST files")
def test_the_real_files():
    dataset = load("mnist", data_dir=Path(os.environ[mnist.FOLDER_VARIABLE]))
    assert dataset.inputs.shape[1] == 784
    assert dataset.inputs.max() == 255
    assert dataset.test_inputs.shape == (10_000, 784)
    assert np.bincount(dataset.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert not any("test set" in note for note in dataset.notes)
