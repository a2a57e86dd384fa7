"""What tests share: small networks, tasks and recordings, runs to be killed, a browser."""

from pathlib import Path

__all__ = ["HELPERS", "ROOT", "TESTS"]

HELPERS = Path(__file__).parent
TESTS = HELPERS.parent
ROOT = TESTS.parent
