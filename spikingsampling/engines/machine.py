"""On what machine a run was made, in one line, and what tells its kind of processor from others."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["describe", "processor"]


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


def processor() -> str:
    """What tells this machine's kind of processor from others: its model and its instructions."""
    telling = ("vendor_id", "cpu family", "model", "flags", "Features", "CPU ", "isa", "cpu")
    lines: list[str] = []
    try:
        # Of the first processor: the file has a paragraph for each.
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
        lines = [line for line in first.splitlines() if line.startswith(telling) and "MHz" not in line]
    except OSError:
        lines = [platform.processor()]
    return "\n".join([platform.machine(), *lines])
