"""Where the files of a segment lie: in memory where there is room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["memory_folder"]

#: Where Linux keeps a file system in memory.
MEMORY = Path("/dev/shm")


def memory_folder(size: int, memory: Path = MEMORY) -> Path | None:
    """A folder in memory if it has room for ``size`` bytes four times over, else None: the system's own choice.

    Four times, since other runs and programs use it, too. ``TMPDIR``, where set, is what the user wants.
    """
    if os.environ.get("TMPDIR") or not os.access(memory, os.W_OK | os.X_OK):
        return None
    return memory if shutil.disk_usage(memory).free > 4 * size else None
