"""Figures as files that carry their caption: PNG, PDF or SVG."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "SaveFigure", "caption_of", "check_format", "write_figure"]

#: Formats of figures, and the field of each that holds the caption.
FORMATS = {"png": "Description", "pdf": "Subject", "svg": "Description"}
#: Dates would make the files of two equal runs differ.
_NO_DATE: dict[str, dict[str, Any]] = {"png": {}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
#: How the caption stands in an SVG file of matplotlib.
_SVG_CAPTION = re.compile(r"<dc:description>(.*?)</dc:description>", re.DOTALL)
_SVG_HEAD = 64 * 1024


class SaveFigure(Protocol):
    """What saves a figure under a name, with a caption for who does not know the experiment."""

    def __call__(self, name: str, figure: Figure, caption: str = "") -> None:
        """Save the figure."""


def check_format(form: str) -> str:
    """``form``, one of :data:`FORMATS`; UnknownNameError proposes the nearest."""
    if form not in FORMATS:
        raise UnknownNameError("format of figures", form, FORMATS)
    return form


def write_figure(path: Path, figure: Figure, caption: str = "") -> None:
    """Write a figure with the caption in it; equal figures give equal bytes.

    Parameters
    ----------
    path : Path
        Its suffix is the format. A PNG has 150 pixels per inch; the letters of PDF and SVG stay text.
    figure : matplotlib.figure.Figure
    caption : str

    Raises
    ------
    UnknownNameError
        The suffix is not one of :data:`FORMATS`.
    """
    from matplotlib import rc_context  # slow to import

    form = check_format(path.suffix.removeprefix("."))
    metadata = {**_NO_DATE[form], **({FORMATS[form]: caption} if caption else {})}
    letters = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": path.stem}
    with rc_context(letters):
        figure.savefig(path, format=form, dpi=150, metadata=metadata)


def caption_of(path: Path) -> str:
    """The caption of a PNG or SVG file; empty if it has none, or is neither."""
    return _svg_caption(path) if path.suffix == ".svg" else _png_caption(path)


def _png_caption(path: Path) -> str:
    from PIL import Image  # slow to import

    try:
        with Image.open(path, formats=["PNG"]) as image:
            return str(image.text.get(FORMATS["png"], ""))
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for damaged files
        return ""


def _svg_caption(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            head = file.read(_SVG_HEAD)
    except (OSError, UnicodeDecodeError):
        return ""
    match = _SVG_CAPTION.search(head)
    return html.unescape(match.group(1)) if match else ""
