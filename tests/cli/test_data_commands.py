"""The data commands show what the registry says."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


class Entry:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A registry with one data set, ``mnist``, in the folder in which the commands run."""
    made = ModuleType("spikingsampling.data.registry")
    made.asked = []
    made.ok = True
    made.data_root = lambda: (Path("root"), "cache")
    made.where = lambda: [Entry(dataset="mnist", source="cache", path=Path("m"), present=made.ok)]
    made.verify = lambda names: (
        made.asked.append(names)
        or [
            Entry(path=Path("m"), ok=made.ok, detail="sha256"),
            Entry(path=Path("n"), ok=False, detail="not there"),
        ]
    )
    made.fetch = lambda names, show: (
        made.asked.append(names) or show("f", 1, 2) or [Entry(dataset="mnist", path=Path("m"))]
    )
    monkeypatch.setitem(sys.modules, "spikingsampling.data.registry", made)
    return made


def test_where(command: Any, registry: Any) -> None:
    assert command("data", "where") == (0, "mnist: present, m (the user's cache)\n", "")
    registry.ok = False
    assert command("data", "where")[1] == "mnist: missing, m (the user's cache)\n"


def test_fetch(command: Any, registry: Any) -> None:
    assert command("data", "fetch")[:2] == (0, "mnist: m\n")
    assert command("data", "fetch", "mnist")[0] == 0
    assert registry.asked == [None, ["mnist"]]


def test_verify_says_that_there_are_no_data(command: Any, registry: Any) -> None:
    registry.ok = False
    code, out, err = command("data", "verify")
    assert (code, out) == (2, "")
    assert err == "error: there are no data in root; get them with `spikingsampling data fetch`\n"


def test_verify_tells_the_intact_from_the_missing(command: Any, registry: Any) -> None:
    Path("m").touch()
    code, out, err = command("data", "verify", "mnist")
    assert (code, out) == (2, "ok       m: sha256\nmissing  n\n")
    assert err == "error: get what is missing with `spikingsampling data fetch`\n"
    assert registry.asked == [["mnist"]]


def test_verify_names_what_is_damaged(command: Any, registry: Any) -> None:
    Path("m").touch()
    registry.ok = False
    code, out, err = command("data", "verify")
    assert (code, out) == (2, "NOT OK   m: sha256\nmissing  n\n")
    assert err == "error: delete what is damaged, then run `spikingsampling data fetch`\n"


def test_verify_is_content_when_all_is_there(command: Any, registry: Any) -> None:
    Path("m").touch()
    registry.verify = lambda names: [Entry(path=Path("m"), ok=True, detail="sha256")]
    assert command("data", "verify") == (0, "ok       m: sha256\n", "")
