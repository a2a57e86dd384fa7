"""The public names of the packages: all are there, and a package alone costs nothing to import."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.import_graph import modules
from spikingsampling._lazy import lazy_exports

LAZY = [name for name, path in modules(ROOT).items() if "lazy_exports(\n" in path.read_text()]
LAZY.remove("spikingsampling._lazy")


@pytest.mark.parametrize("package", LAZY)
def test_every_public_name_is_there(package: str) -> None:
    module = importlib.import_module(package)
    assert dir(module) == sorted(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        home = getattr(value, "__module__", package)
        # A class or function of this package is exported where it is defined, or above.
        assert not home.startswith("spikingsampling") or home.startswith(package) or not callable(value)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = module.nothing


def test_packages_are_light() -> None:
    """So that the command line starts at once."""
    heavy = {"numpy", "brian2", "pydantic", "h5py", "matplotlib", "librosa", "scipy", "pooch"}
    script = f"import sys, {', '.join(LAZY)}\nprint(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_names_come_from_the_module_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "parcel"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "first.py").write_text("one = 1\n")
    (package / "deep" / "__init__.py").write_text("")
    (package / "deep" / "second.py").write_text("two = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    load, listed, exported = lazy_exports("parcel", {"deep.second": ("two",), "first": ("one",)})
    assert (load("one"), load("two")) == (1, 2)
    assert listed() == exported == ["one", "two"]
    with pytest.raises(AttributeError, match="module 'parcel' has no attribute 'three'"):
        load("three")
