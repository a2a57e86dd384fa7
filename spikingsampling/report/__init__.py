"""A run or a sweep as one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from pathlib import Path

from ..files import write_text
from ..sweeps.sweep import is_sweep
from .of_run import run_report
from .of_sweep import sweep_report

__all__ = ["write_report"]


def write_report(directory: Path, out: Path | None = None) -> Path:
    """Write ``report.html``.

    Parameters
    ----------
    directory : Path
        Of a run or of a sweep.
    out : Path, optional
        The file; ``report.html`` in ``directory`` when None.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ResumeError
        Neither a run nor a sweep is there.
    RecordingError
        A recording or metrics file is damaged.
    """
    text = sweep_report(directory) if is_sweep(directory) else run_report(directory)
    path = directory / "report.html" if out is None else out
    # The name of a directory may hold bytes that no text has.
    write_text(path, text.encode(errors="replace").decode())
    return path
