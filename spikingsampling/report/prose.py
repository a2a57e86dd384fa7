"""A docstring as HTML: what a report says about its experiment, in the words of the protocol."""

from __future__ import annotations

import re

from docutils.core import publish_parts

__all__ = ["prose"]

# Roles of Sphinx, which docutils does not know: `:mod:`~a.b`` names an object by the last part of its path.
_ROLE = re.compile(r":[a-z:]+:`(~?)([^`]+)`")
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,  # what cannot be read stays as it is
    "doctitle_xform": False,
    "initial_header_level": 3,
    "smart_quotes": False,
    "math_output": "HTML",
}


def prose(docstring: str) -> str:
    """Paragraphs, lists and tables of a docstring in reStructuredText, as HTML."""

    def literal(match: re.Match[str]) -> str:
        short, path = match.groups()
        return f"``{path.lstrip('.').rpartition('.')[2] if short else path.lstrip('.')}``"

    text = _ROLE.sub(literal, docstring)
    body = publish_parts(text, writer="html5", settings_overrides=_SETTINGS)["body"]
    return f'<div class="prose">{body}</div>'
