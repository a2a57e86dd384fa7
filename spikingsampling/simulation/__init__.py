"""Simulations: stimuli and their encoding, segments, responses, moments from which simulations branch."""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "moment": ("Moment",),
        "observation": ("active_synapses", "layout_of"),
        "progress": ("Progress",),
        "response": ("Response",),
        "rule_check.check": ("check_rule",),
        "simulation": ("Simulation",),
        "stimuli": ("SILENCE", "Library", "Stimuli"),
    },
)
