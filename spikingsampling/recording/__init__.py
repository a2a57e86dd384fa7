"""What a simulation writes and what is read from it; docs/recording.md describes the file."""

from __future__ import annotations

from .._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "contents": ("Segment",),
        "description": ("describe",),
        "journal": ("RunStore",),
        "reader": ("RecordingReader",),
        "reading": ("open_recording",),
        "record": ("Event", "Layout", "ProjectionLayout", "SegmentRecord"),
        "settings": ("Recording",),
    },
)
