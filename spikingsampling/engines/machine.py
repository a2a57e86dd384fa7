"""On what machine a run was made, in one line."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["describe"]


def describe() -> str:
    """System, processor, processors that may be used, memory, Python: ``"Linux 6.1 x86_64, …, 2 cores, …"``."""
    parts = [f"{platform.system()} {platform.release()} {platform.machine()}"]
    if processor := _processor():
        parts.append(processor)
    parts.append(f"{os.cpu_count() or 1} cores")
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        parts.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB of memory")
    return ", ".join([*parts, f"Python {platform.python_version()}"])


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    if not file.exists():
        return platform.processor()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
