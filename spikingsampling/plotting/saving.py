"""Figures as files that carry their caption."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from matplotlib.figure import Figure
from PIL import Image

__all__ = ["SaveFigure", "caption_of", "write_figure"]

# The keyword of the PNG specification for the description of an image.
_KEYWORD = "Description"


class SaveFigure(Protocol):
    """What saves a figure under a name, with a caption for who does not know the experiment."""

    def __call__(self, name: str, figure: Figure, caption: str = "") -> None:
        """Save the figure."""


def write_figure(path: Path, figure: Figure, caption: str = "") -> None:
    """Write a PNG file, 150 pixels per inch, with the caption in it."""
    figure.savefig(path, dpi=150, metadata={_KEYWORD: caption} if caption else None)


def caption_of(path: Path) -> str:
    """The caption of a PNG file; empty if it has none, or is no PNG file."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            return str(image.text.get(_KEYWORD, ""))
    except (OSError, SyntaxError, ValueError):  # what Pillow raises for damaged files
        return ""
