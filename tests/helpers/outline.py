"""What an HTML page consists of, for the tests of reports."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any


class Outline(HTMLParser):
    """What a page consists of."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        self._inside.append(tag)
        links = ("src", "href", "xlink:href", "action", "data", "srcset")
        self.links += [value for name, value in attributes if name in links]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        self.text += " " if tag in ("td", "th", "dt", "dd", "li", "a") else ""

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._inside):
            self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())
