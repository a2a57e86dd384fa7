"""The page of all claims, collected from the pages of results.

A page of results states a claim in one of two ways. This is an item of a list::

    - *Report: no overfitting.* **Confirmed**: what was measured.

or a row of a table that has the columns ``statement`` (or ``statement of SOURCE``), ``measured`` and ``verdict``.
Command, runs and interval are those of the section, or else of the head of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .links import rewritten
from .tables import table

__all__ = ["Claim", "Section", "claims_page", "sections_of"]

_ITEM = re.compile(r"^- \*(?:([^*:]+): )?([^*]+?)\.?\*\.? \*\*([^*]+?)\.?\*\*(.*)$", re.DOTALL)
_FIELD = re.compile(r"^- \*\*(Command|Runs|Interval)\*\*: (.*)$", re.DOTALL)
_COMMAND = re.compile(
    r"`((?:OMP_NUM_THREADS=1 )?(?:spikingsampling (?:run|sweep)|python -m benchmarks)[^`]*)`"
)
_REPORT_SECTION = re.compile(r"^Section ([\d.]+(?: to [\d.]+)?)(, [^.]*?)? of the report\.", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```\n", re.MULTILINE | re.DOTALL)

#: Where a claim has no source.
OURS = "Our question"
#: Sources by the name that the pages of results use.
SOURCES = {
    "Report": "Fournier's report",
    "Open question of the report": "Fournier's report, open question",
    "Kappel et al.": "Kappel et al., PLOS Comput Biol 2015",
}


@dataclass(frozen=True)
class Claim:
    """A claim with its source, what was measured (the first sentence of it), and the verdict."""

    text: str
    source: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Section:
    """The claims of a section of a page, and how they were tested."""

    title: str
    anchor: str
    command: str
    n: str
    claims: tuple[Claim, ...]


def sections_of(text: str) -> list[Section]:
    """The sections of a page of results that state a claim."""
    parts = re.split(r"^(#+ .*)$", _FENCE.sub("", text), flags=re.MULTILINE)
    head: dict[str, str] = {}
    sections = []
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        fields = dict(_fields(body))
        if heading.startswith("# "):
            head = fields
        fields = {**head, **fields}
        title = heading.lstrip("# ")
        claims = (*_in_items(body), *_in_tables(body))
        if claims:
            n = " ".join(_capital(fields[name]) for name in ("Runs", "Interval") if name in fields)
            sections.append(Section(title, _anchor(title), _command(body, fields), n, claims))
    return sections


def _command(body: str, fields: dict[str, str]) -> str:
    found = _COMMAND.search(fields.get("Command", "")) or _COMMAND.search(body)
    own = _COMMAND.search(body)
    return (own or found)[1] if (own or found) else ""  # type: ignore[index]


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _items(body: str) -> Iterator[str]:
    """The items of all lists, each on one line."""
    for item in re.findall(r"^- .*(?:\n  +\S.*|\n(?!- |\||#|\d\. |\n)\S.*)*", body, re.MULTILINE):
        yield re.sub(r"\s*\n\s*", " ", item)


def _fields(body: str) -> Iterator[tuple[str, str]]:
    for item in _items(body):
        if match := _FIELD.match(item):
            yield match[1], match[2]


def _in_items(body: str) -> Iterator[Claim]:
    for item in _items(body):
        if match := _ITEM.match(item):
            source, text, verdict, rest = match.groups()
            yield Claim(
                _capital(text), _source(source or OURS, body), _first_sentence(rest), _capital(verdict)
            )


def _source(name: str, body: str) -> str:
    section = _REPORT_SECTION.search(body)
    where = f", section {section[1]}{section[2] or ''}" if section and name == "Report" else ""
    return SOURCES.get(name, name) + where


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_sentence(rest: str) -> str:
    return re.split(r"(?<=[.:])\s+(?=[A-Z0-9])", rest.lstrip(":,. "), maxsplit=1)[0]


def _in_tables(body: str) -> Iterator[Claim]:
    for block in re.findall(r"(?:^\|.*\n)+", body + "\n", re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
        names = rows[0]
        statement = next((name for name in names if name.startswith("statement")), None)
        if statement is None or "verdict" not in names:
            continue
        source = statement.removeprefix("statement").removeprefix(" of ").strip()
        for row in rows[2:]:
            cells = dict(zip(names, row, strict=True))
            yield Claim(
                _capital(cells[statement]), _capital(source), cells["measured"], _capital(cells["verdict"])
            )


def claims_page(results: Path) -> str:
    """The page as Markdown: for each section that states a claim, how it was tested and what came out.

    Parameters
    ----------
    results : Path
        The folder of the pages of results.
    """
    parts = [
        "# All claims",
        "Every claim of the papers, the report and the lectures that was tested here. This page is made from the "
        "[pages of results](/results/index.md), where all tables and limits stand.",
    ]
    for page in sorted(results.glob("*.md")):
        if page.stem == "index":
            continue
        text = page.read_text(encoding="utf-8")
        title = text.partition("\n")[0].lstrip("# ")
        sections = sections_of(text)
        if sections:
            parts.append(f"## {title}")
        for section in sections:
            name = "The page" if section.title == title else section.title
            parts.append(f"**[{name}](/results/{page.name}#{section.anchor})**")
            parts.append(f"Command: `{section.command}`")
            if section.n:
                parts.append(rewritten(f"n and interval: {section.n}", results))
            rows = [
                (claim.text, claim.source, claim.verdict, rewritten(claim.measured, results))
                for claim in section.claims
            ]
            parts.append(table(("claim", "source", "verdict", "measured"), rows))
    return "\n\n".join(parts) + "\n"
