"""MNIST's files: read to the last byte, refused when one is missing."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
import struct

import numpy as np
import pytest
from lab_samples import idx, write_mnist

from ogive.errors import InputError
from ogive.lab import mnist
from ogive.lab.data import load


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("name", mnist.SOURCES)
def test_a_folder_of_other_images_loads_and_says_so(tmp_path, name, compressed):
    dataset = load(name, data_dir=write_mnist(tmp_path, compressed=compressed))
    assert dataset.numeric.shape == (80, 16)
    assert dataset.numeric.dtype == np.uint8
    assert dataset.target.tolist() == [row % 10 for row in [*range(60), *range(20)]]
    np.testing.assert_array_equal(np.flatnonzero(dataset.official_test), range(60, 80))
    assert len(dataset.task.classes) == 10
    title = mnist.SOURCES[name].title
    assert any(f"not known as {title}'s official one: 60 images" in note for note in dataset.notes)


@pytest.mark.parametrize("name", mnist.SOURCES)
def test_the_folder_can_come_from_the_environment(tmp_path, monkeypatch, name):
    monkeypatch.setenv(mnist.SOURCES[name].folder_variable, str(write_mnist(tmp_path)))
    assert len(load(name)) == 80


@pytest.mark.parametrize("kind", ["compressed", "content"])
def test_official_files_are_known_by_either_sum_and_bring_no_note(tmp_path, monkeypatch, kind):
    write_mnist(tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    if kind == "compressed":
        sums = {"compressed": {name: hashlib.sha256(stored).hexdigest() for name, stored in files.items()}}
    else:
        sums = {"content": {name[:-3]: hashlib.sha256(gzip.decompress(stored)).hexdigest() for name, stored in files.items()}}
    monkeypatch.setitem(mnist.SOURCES, "mnist", dataclasses.replace(mnist.SOURCES["mnist"], **sums))
    assert load("mnist", data_dir=tmp_path).notes == ()


@pytest.mark.parametrize("name", mnist.SOURCES)
def test_every_source_states_the_sums_of_its_four_files(name):
    source = mnist.SOURCES[name]
    assert {f"{part}-ubyte.gz" for part in PARTS} == set(source.compressed)
    assert set(source.content) <= {f"{part}-ubyte" for part in PARTS}
    assert all(len(bytes.fromhex(value)) == 32 for value in [*source.compressed.values(), *source.content.values()])


PARTS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
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
        (IMAGES, gzip.compress(idx(np.zeros((60, 5, 5)))), "5 × 5 pixels and test images 4 × 4"),
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


def test_images_of_one_size_in_another_shape_are_refused(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / IMAGES).write_bytes(gzip.compress(idx(np.zeros((60, 2, 8)))))
    with pytest.raises(InputError, match="2 × 8 pixels and test images 4 × 4"):
        load("mnist", data_dir=tmp_path)


@pytest.mark.parametrize("name", mnist.SOURCES)
def test_without_network_the_error_says_what_to_do(tmp_path, monkeypatch, name):
    import pooch

    source = dataclasses.replace(mnist.SOURCES[name], mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setitem(mnist.SOURCES, name, source)
    monkeypatch.delenv(source.folder_variable, raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda _name: tmp_path)
    with pytest.raises(InputError, match=rf"cannot download {source.title} .*--data-dir or {source.folder_variable}"):
        load(name)


FOLDER = os.environ.get("OGIVE_MNIST_DIR", "")


@pytest.mark.skipif(not FOLDER, reason="OGIVE_MNIST_DIR names no folder of real MNIST files")
def test_the_real_files():
    dataset = load("mnist", data_dir=FOLDER)
    test = dataset.official_test
    assert dataset.numeric.shape[1] == 784
    assert dataset.numeric.max() == 255
    assert np.bincount(dataset.target[test]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert not any("test set" in note for note in dataset.notes)
