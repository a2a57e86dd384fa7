"""Templates that Brian2 fills to make the C++ program: what each changes, and why, stands in README.md beside them."""

from __future__ import annotations

import os

from ...errors import ParameterError

__all__ = ["TEMPLATES", "chosen_templates"]

TEMPLATES = ("vector", "rows", "stock")


def chosen_templates() -> str:
    """The set of templates, as the environment variable SPIKINGSAMPLING_TEMPLATES says.

    ``vector`` (the default) and ``rows`` are ours, ``stock`` is Brian2's. ``rows`` gives the bits of ``stock``;
    ``vector`` has functions and random numbers of its own.

    Raises
    ------
    ParameterError
        It says something else.
    """
    chosen = os.environ.get("SPIKINGSAMPLING_TEMPLATES") or TEMPLATES[0]
    if chosen not in TEMPLATES:
        raise ParameterError(f"SPIKINGSAMPLING_TEMPLATES = {chosen!r}: must be one of {', '.join(TEMPLATES)}")
    return chosen
