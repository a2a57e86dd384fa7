"""The pieces of a report as HTML: escaped text, tables, figures, and the page that holds all it needs."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = ["anchor", "document", "facts", "figure_file", "figure_svg", "number", "section", "table", "viewer"]

#: A figure that is wider than this (pixels) does not fit beside another one.
_WIDE = 768


def number(value: Any) -> str:
    """A value for people: four digits of a number, a dash for none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "−")
    if isinstance(value, list | tuple):
        return ", ".join(number(entry) for entry in value)
    return str(value)


def anchor(text: str) -> str:
    """An id for a heading."""
    return "".join(c if c.isalnum() else "-" for c in text.lower())


def section(title: str, *parts: str) -> str:
    """A section with a heading; empty when it has no content."""
    content = "\n".join(part for part in parts if part)
    return f'<section id="{anchor(title)}"><h2>{escape(title)}</h2>\n{content}</section>' if content else ""


def facts(entries: Mapping[str, str]) -> str:
    """Short facts in columns."""
    rows = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in entries.items() if text
    )
    return f'<dl class="facts">{"".join(rows)}</dl>'


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numeric: Iterable[int] = (),
    code: Iterable[int] = (),
    marked: Iterable[int] = (),
) -> str:
    """A table of text.

    Parameters
    ----------
    headings : sequence of str
    rows : iterable of sequences of str
    numeric, code : iterable of int
        Columns of numbers; columns in the type of code.
    marked : iterable of int
        Rows that are set apart.
    """
    numeric, code, marked = set(numeric), set(code), set(marked)

    def cell(tag: str, column: int, text: str) -> str:
        content = escape(text)
        if tag == "td" and column in code and text:
            breakable = re.sub(r"([._])(?=\w)", r"\1<wbr>", content)  # long names on a phone
            content = f"<code>{breakable}</code>"
        return f"<{tag}{' class=number' if column in numeric else ''}>{content}</{tag}>"

    head = "".join(cell("th", column, text) for column, text in enumerate(headings))
    body = "".join(
        f"<tr{' class=changed' if index in marked else ''}>"
        + "".join(cell("td", column, text) for column, text in enumerate(row))
        + "</tr>\n"
        for index, row in enumerate(rows)
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _png_size(data: bytes) -> tuple[float, float]:
    """Width and height of a PNG in its pixels; 0, 0 if it is none."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return 0, 0
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _svg_size(data: bytes) -> tuple[float, float]:
    """Width and height of an SVG in points; 0, 0 if it does not say."""
    tag = re.search(rb"<svg\b[^>]*>", data)
    sizes = [
        re.search(rb'\b%s="([\d.]+)pt"' % name, tag[0]) if tag else None for name in (b"width", b"height")
    ]
    width, height = (float(match[1]) if match else 0.0 for match in sizes)
    return width, height


def figure_file(path: Path, caption: str) -> str:
    """A PNG or SVG file as a figure; wide ones take the whole width. Empty if it is neither."""
    data = path.read_bytes()
    vector = path.suffix == ".svg"
    # Pixels of the page, so that lettering has its size: a PNG has 150 per inch, an SVG is measured in points (1/72).
    scale = 96 / 72 if vector else 96 / 150
    width, height = (round(size * scale) for size in (_svg_size(data) if vector else _png_size(data)))
    if not (width and height):
        return ""
    source = f"data:image/{'svg+xml' if vector else 'png'};base64,{base64.b64encode(data).decode()}"
    wide = ' class="wide"' if width > 1.7 * height or width > _WIDE else ""
    size = f'width="{width}" height="{height}" style="width:{width}px"'
    image = f'<img src="{source}" alt="{escape(caption)}" {size}>'
    return f"<figure{wide}>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def figure_svg(svg: str, caption: str) -> str:
    """Inline SVG as a figure."""
    text = escape(caption)
    return f'<figure role="group" aria-label="{text}">{svg}<figcaption>{text}</figcaption></figure>'


def viewer(kind: str, data: Mapping[str, Any], caption: str, key: str = "") -> str:
    """A figure that ``viewer.js`` draws: ``"raster"`` or ``"histogram"``.

    ``key`` is HTML below the figure.
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("</", "<\\/")
    return (
        f'<figure data-view="{kind}"><noscript><p>This figure needs JavaScript, which is part of this file.</p>'
        f'</noscript><script type="application/json">{text}</script>{key}'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def document(title: str, head: str, sections: Sequence[str], footer: str) -> str:
    """The whole page, with its style and script in it.

    A policy in the page forbids everything that is not in it, so that no report loads anything.
    """
    here = files(__package__)
    css, script = (here.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "viewer.js"))
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    filled = [text for text in sections if text]
    links = "".join(
        f'<li><a href="#{text.split(chr(34), 2)[1]}">{text[text.index("<h2>") + 4 : text.index("</h2>")]}</a></li>'
        for text in filled
        if text.startswith('<section id="')
    )
    body = "\n".join(filled)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{css}</style>
</head>
<body>
<header>
{head}
</header>
<nav aria-label="Sections"><ul>{links}</ul></nav>
<main>
{body}
</main>
<footer>{footer}</footer>
<script>
{script}</script>
</body>
</html>
"""
