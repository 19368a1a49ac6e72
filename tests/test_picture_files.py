"""Pictures in files and notebooks, drawn by matplotlib."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import ogive
from ogive.catalogue import entries
from ogive.errors import InputError

pytest.importorskip("matplotlib")
STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


@pytest.mark.parametrize("suffix", STARTS)
def test_the_suffix_says_the_format_and_equal_pictures_are_equal_files(tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        ogive.plot("elu", "gelu", slope=True, out=tmp_path / "new" / f"{name}{suffix}")
    one, two = ((tmp_path / "new" / f"{name}{suffix}").read_bytes() for name in ("one", "two"))
    assert one.startswith(STARTS[suffix])
    assert one == two


def test_a_picture_holds_every_line_and_tells_them_apart() -> None:
    names = [entry.name for entry in entries("activation") if entry.hidden][:12]
    axes, slopes = ogive.plot(*names, slope=True).axes
    lines = [line for line in axes.get_lines() if line.get_label() in names]
    assert [line.get_label() for line in lines] == names
    assert len({(line.get_color(), line._linestyle, line._unscaled_dash_pattern, line.get_linewidth()) for line in lines}) == len(names)
    assert slopes.get_title(loc="left") == "slope"


def test_notebooks_show_pictures_without_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    ET.fromstring(ogive.plot("softmax")._repr_svg_())


@pytest.mark.parametrize(("backend", "code"), [("TkAgg", 0), ("nonsense", 2)])
def test_no_window_is_needed_and_settings_that_matplotlib_refuses_are_one_line(tmp_path: Path, backend: str, code: int) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | {"MPLBACKEND": backend}
    command = [sys.executable, "-m", "ogive", "plot", "relu", "--out", "relu.svg"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert (tmp_path / "relu.svg").exists() == (code == 0)
    assert len(done.stderr.splitlines()) == (code != 0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("picture", "the suffix of a picture's file must be one of .svg, .png, .pdf, got none in"),
        ("picture.jpg", "got '.jpg'"),
        ("picture.svgg", "did you mean '.svg'?"),
        ("taken/picture.svg", "cannot write the picture"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_or_whole(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match=re.escape(words)):
        ogive.plot("relu", out=tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("the old picture")

    def half(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(InputError, match=r"cannot write the picture .*No space left on device; make room there, then"):
        ogive.plot("relu", out=path)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("picture.svg", "the old picture")]
