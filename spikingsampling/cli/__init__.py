"""The command line."""

from .entry import main, run_script

__all__ = [
    "main",
    "run_script",
]
