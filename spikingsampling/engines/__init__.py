"""The engines that advance a network: ``standalone`` (C++, default) and ``runtime`` (inside this process)."""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "base": ("Drive", "Engine", "Outcome"),
        "runtime": ("RuntimeEngine",),
        "segments": ("Segments",),
        "selection": ("ENGINES", "make_engine"),
        "standalone": ("StandaloneEngine",),
    },
)
