"""Links of the Markdown files, which lead to files of the repository, lead to pages of the site instead.

The files stay as readers of the repository need them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["ROOT", "page_of", "rewritten", "setup"]

ROOT = Path(__file__).resolve().parents[2]

#: Files outside ``docs/`` that have a page, and the page.
PAGES = {
    "README.md": "/index.md",
    "CONTRIBUTING.md": "/reference/contributing.md",
    "CHANGELOG.md": "/reference/changelog.md",
    "benchmarks/README.md": "/reference/benchmarks.md",
    "data/README.md": "/reference/data.md",
    "docs/README.md": "/results/index.md",
    "protocols/README.md": "/protocols/index.md",
    "protocols": "/protocols/index.md",
}
_LINK = re.compile(r"(?<!!)\[([^]]*)]\((?!\w+:|#|/)([^)#\s]+)(#[^)]*)?\)")
_PROTOCOL = re.compile(r"protocols/(?!studies)\w+/(\w+)\.py")


def page_of(path: str) -> str | None:
    """The page that shows a file, both with the path inside the repository; None if there is none."""
    if path in PAGES:
        return PAGES[path]
    if match := _PROTOCOL.fullmatch(path):
        return f"/protocols/{match[1]}.md"
    if re.fullmatch(r"protocols/(?!studies)\w+", path):
        return "/protocols/index.md"
    if path.startswith("docs/"):
        return path.removeprefix("docs")
    return None


def rewritten(text: str, folder: Path) -> str:
    """The text of a file in ``folder`` with its relative links led to pages; of other links the words stay."""

    def replace(match: re.Match[str]) -> str:
        words, path, anchor = match[1], match[2], match[3] or ""
        target = (folder / path).resolve()
        page = page_of(target.relative_to(ROOT).as_posix()) if target.is_relative_to(ROOT) else None
        return f"[{words}]({page}{anchor})" if page else words

    return _LINK.sub(replace, text)


def _on_reading(app: Sphinx, name: str, content: list[str]) -> None:
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md":
        content[0] = rewritten(content[0], path.parent)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("source-read", _on_reading)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
