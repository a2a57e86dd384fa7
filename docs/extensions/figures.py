"""Shows the figures of the library in the examples: they are Matplotlib figures that pyplot does not know."""

from __future__ import annotations

import weakref
from typing import Any

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

__all__ = ["scraper"]

_SHOWN: weakref.WeakSet[Figure] = weakref.WeakSet()


def scraper(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """The variable ``figure`` as an image, after the block of code that made it; sphinx-gallery calls this.

    It comes before the scraper for pyplot, which closes the figures that it has shown.
    """
    figure = block_vars["example_globals"].get("figure")
    if not isinstance(figure, Figure) or figure in _SHOWN:
        return ""
    _SHOWN.add(figure)
    if figure.canvas.manager is not None:  # one of pyplot, which sphinx-gallery shows
        return ""
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path)
    return figure_rst([path], gallery_conf["src_dir"])
