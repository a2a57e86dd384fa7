"""Fixtures that several test modules share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The root, with `benchmarks`, comes last: a package installed from a source distribution is found before the folder
# of the same name beside the tests, which lacks models, protocols and data.
ROOT = str(Path(__file__).parents[1])
sys.path[:] = [*(entry for entry in sys.path if entry not in ("", ROOT)), ROOT]

# How long an example takes says something about the machine only: speed is measured in benchmarks/.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def authors() -> Path:
    """Folder of the numbers made with the authors' own sampler; its README says how."""
    return Path(__file__).parent / "fixtures" / "authors"
