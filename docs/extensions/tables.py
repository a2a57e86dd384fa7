"""Markdown tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["escaped", "table"]

_UNESCAPED = re.compile(r"(?<!\\)\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown, on one line each."""
    lines = [head, ["---"] * len(head), *([_UNESCAPED.sub(r"\|", cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def escaped(text: str) -> str:
    """Plain text as Markdown that shows it as it is."""
    for sign in "\\|*_<$`":
        text = text.replace(sign, f"\\{sign}")
    return text
