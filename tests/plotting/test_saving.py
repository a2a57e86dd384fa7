"""Figures as files: their formats, and the captions that travel with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from spikingsampling.errors import UnknownNameError
from spikingsampling.plotting.saving import caption_of, write_figure

CAPTION = "θ over time; √(2Tb) dW < 1 & “more”"


def figure() -> Figure:
    made = Figure(figsize=(4, 2))
    made.subplots().set_title("some words")
    return made


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_caption_travels_with_its_figure(tmp_path: Path, form: str) -> None:
    whole, without, damaged, text = (
        tmp_path / f"{name}.{form}" for name in ("whole", "without", "damaged", "text")
    )
    write_figure(whole, figure(), CAPTION)
    write_figure(without, figure())
    assert caption_of(whole) == CAPTION
    assert caption_of(without) == ""
    damaged.write_bytes(whole.read_bytes()[:60])
    text.write_bytes(b"\xff no picture")
    assert caption_of(damaged) == caption_of(text) == ""
    assert caption_of(tmp_path / f"nowhere.{form}") == ""


def test_a_pdf_has_its_caption_as_subject(tmp_path: Path) -> None:
    write_figure(tmp_path / "a.pdf", figure(), "Recall over time")
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/Subject (Recall over time)" in data
    assert b"CreationDate" not in data
    write_figure(tmp_path / "b.pdf", figure())
    assert b"/Subject" not in (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_equal_figures_are_equal_files(tmp_path: Path, form: str) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        write_figure(tmp_path / folder / f"a.{form}", figure(), CAPTION)
    first, second = ((tmp_path / folder / f"a.{form}").read_bytes() for folder in ("first", "second"))
    assert first == second


def test_letters_stay_text_and_pixels_are_150_per_inch(tmp_path: Path) -> None:
    write_figure(tmp_path / "a.svg", figure())
    assert re.search(r"<text[^>]*>some words</text>", (tmp_path / "a.svg").read_text())
    write_figure(tmp_path / "a.pdf", figure())
    assert b"FontFile2" in (tmp_path / "a.pdf").read_bytes()
    write_figure(tmp_path / "a.png", figure())
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (600, 300)


@pytest.mark.parametrize("name", ["a.pfd", "a"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown format of figures"):
        write_figure(tmp_path / name, figure())
    assert not list(tmp_path.iterdir())
