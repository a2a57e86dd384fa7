"""The built site, and a browser that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import ROOT
from helpers.browser import browser

#: The command of README, which the continuous integration runs before the tests.
BUILD = "python -m sphinx -W -j auto -b html docs docs/_build/html"


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    folder = ROOT / "docs" / "_build" / "html"
    if not (folder / "searchindex.js").is_file():
        pytest.skip(f"the documentation site is not built ({BUILD}): its pages are not tested")
    return folder


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with browser() as driver:
        yield driver
