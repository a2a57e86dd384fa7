"""Writes the pages that are made from the code, before Sphinx looks for pages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from spikingsampling.experiment import discovery

from .claims import claims_page
from .commands import commands_page
from .experiments import copy_pictures, index_page, protocol_page, run_protocols
from .interface import interface_pages
from .links import ROOT, rewritten
from .settings import settings_page

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

#: Pages that are files elsewhere in the repository.
ELSEWHERE = {
    "reference/contributing.md": "CONTRIBUTING.md",
    "reference/changelog.md": "CHANGELOG.md",
    "reference/benchmarks.md": "benchmarks/README.md",
    "reference/data.md": "data/README.md",
}


def _write(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    # Sphinx reads a page again when its file is newer: a run of the build with nothing new writes nothing.
    for name, text in _pages(app, docs).items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _pages(app: Sphinx, docs: Path) -> dict[str, str]:
    pages = {
        "reference/claims.md": claims_page(docs / "results"),
        "reference/commands.md": commands_page(),
        "reference/settings.md": settings_page(),
    }
    for page, file in ELSEWHERE.items():
        pages[page] = _shown(file)
    for name, text in interface_pages().items():
        pages[f"reference/python/{name}.rst"] = text
    names, runs = discovery.names(), docs / "_build" / "runs"
    if str(app.config.plot_gallery) not in ("0", "False"):
        run_protocols(names, runs)
    copy_pictures(names, runs, docs / "protocols" / "figures")
    for name in names:
        pages[f"protocols/{name}.md"] = protocol_page(name, runs / name)
    pages["protocols/index.md"] = index_page(names, runs, _shown("protocols/README.md"))
    return pages


def _shown(file: str) -> str:
    path = ROOT / file
    return rewritten(path.read_text(encoding="utf-8"), path.parent)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
