"""Images from the network: a server of our own has the files under their official names, whole, cut off or changed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
from lab_samples import write_mnist

from ogive.errors import InputError
from ogive.lab import mnist
from ogive.lab.data import load

IMAGES = "train-images-idx3-ubyte.gz"


class Mirror:
    """A server of files, and what it was asked for."""

    def __init__(self, files: dict[str, bytes], send: Callable[[bytes], bytes] = lambda content: content) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                asked.append(name)
                if name not in files:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(files[name])))
                self.end_headers()
                self.wfile.write(send(files[name]))

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/mnist/"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture(params=mnist.SOURCES)
def name(request):
    return request.param


@pytest.fixture
def files(tmp_path):
    (tmp_path / "written").mkdir()
    return {path.name: path.read_bytes() for path in write_mnist(tmp_path / "written").iterdir()}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    return tmp_path / "cache" / "ogive"


@pytest.fixture
def served(name, files, monkeypatch):
    """Makes one of the sources come from these mirrors; the sums stay those of the whole files."""
    servers = []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def serve(*mirrors: Mirror) -> None:
        servers.extend(mirror.server for mirror in mirrors)
        sums = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
        source = dataclasses.replace(mnist.SOURCES[name], compressed=sums, mirrors=tuple(mirror.url for mirror in mirrors))
        monkeypatch.setitem(mnist.SOURCES, name, source)
        monkeypatch.delenv(source.folder_variable, raising=False)

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_official_files_are_fetched_once(name, files, cache, served):
    mirror = Mirror(files)
    served(mirror)
    first, again = load(name), load(name)
    assert sorted(mirror.asked) == sorted(files), "the second time they are in the cache"
    assert first.notes == again.notes == ()
    np.testing.assert_array_equal(first.numeric, again.numeric)
    assert {path.name: path.read_bytes() for path in (cache / name).iterdir()} == files


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(lambda files: Mirror(files, lambda content: content[: len(content) // 2]), id="cut off"),
        pytest.param(lambda files: Mirror(files, lambda content: bytes(len(content))), id="another sum"),
        pytest.param(lambda _: Mirror({}), id="not there"),
    ],
)
def test_what_is_not_the_file_is_refused_and_the_next_mirror_asked(name, files, cache, served, bad):
    first, second = bad(files), Mirror(files)
    served(first, second)
    assert load(name).notes == ()
    assert len(first.asked) == 1
    assert sorted(second.asked) == sorted(files)
    assert {path.name: path.read_bytes() for path in (cache / name).iterdir()} == files, "nothing half-written"


def test_where_no_mirror_has_it_the_error_says_why_and_nothing_is_kept(name, files, cache, served):
    served(Mirror(files, lambda content: bytes(len(content))), Mirror({}))
    with pytest.raises(InputError, match=r"cannot download .*: another checksum; .*: HTTPError\); .*--data-dir") as caught:
        load(name)
    assert "\n" not in str(caught.value)
    assert not list((cache / name).iterdir())


def test_a_file_that_was_spoiled_in_the_cache_is_fetched_again(name, files, cache, served):
    mirror = Mirror(files)
    served(mirror)
    (cache / name).mkdir(parents=True)
    for file, content in files.items():
        (cache / name / file).write_bytes(content if file != IMAGES else content[:-10])
    assert load(name).notes == ()
    assert mirror.asked == [IMAGES]


def test_several_that_fetch_at_once_all_get_it(name, files, cache, served):
    served(Mirror(files))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: load(name), range(4)))
    assert all(each.notes == () and each.sha256 == found[0].sha256 for each in found)
    assert {path.name: path.read_bytes() for path in (cache / name).iterdir()} == files
