"""Fixtures that several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine only: speed is measured in benchmarks/.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

REFERENCE_VARIABLE = "SPIKINGSAMPLING_REFERENCE"


@pytest.fixture(scope="session")
def authors() -> Path:
    """Folder of the numbers made with the authors' own sampler; they are not part of the repository."""
    named = os.environ.get(REFERENCE_VARIABLE)
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "reference" / "authors"
    if folder.is_dir():
        return folder
    if named:
        pytest.fail(f"{REFERENCE_VARIABLE} = {named}: is not a folder")
    pytest.skip(
        f"no fixtures of the authors' sampler at {folder}; {REFERENCE_VARIABLE} can name their folder"
    )
