"""The command line."""

from .app import main, run_script

__all__ = [
    "main",
    "run_script",
]
