"""Does a learning rule do what a rule has to? A small network in which that can be seen, references, the checks."""

from __future__ import annotations

from ..._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"check": ("check_rule",)})
