"""What is installed and distributed: no module, file or page is forgotten."""

from __future__ import annotations

import configparser
import importlib.util
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {"spikingsampling": "spikingsampling"} | {
    f"spikingsampling.{name}": name for name in ("data", "models", "protocols")
}
# Files of these folders that are read in the repository only.
NOT_INSTALLED = ("*.md", "*.pyc")


@pytest.fixture(scope="module")
def setup() -> ModuleType:
    specification = importlib.util.spec_from_file_location("setup_script", ROOT / "setup.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def package_of(path: Path, package: str, folder: str) -> str:
    return ".".join((package, *path.parent.relative_to(ROOT / folder).parts))


def files() -> list[tuple[str, Path]]:
    """Package and path of every file in the folders that are installed."""
    return [
        (package_of(path, package, folder), path)
        for package, folder in FOLDERS.items()
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and not any(fnmatch(path.name, pattern) for pattern in NOT_INSTALLED)
    ]


def test_every_module_is_in_a_package_that_is_installed(setup: ModuleType) -> None:
    packages = setup.packages()
    assert len(packages) == len(set(packages))
    assert set(packages) == {package for package, path in files() if path.suffix == ".py"}


def test_packages_are_found_in_the_folders_that_are_mapped(setup: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(
        "[options]\npackage_dir =\n    library = code\n    library.more = extra\n"
    )
    for folder in ("code/inner/deep", "extra/one", "code/no_package"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("code", "code/inner", "code/inner/deep", "extra", "extra/one"):
        (tmp_path / folder / "__init__.py").touch()
    found = setup.packages(tmp_path)
    assert sorted(found) == [
        "library",
        "library.inner",
        "library.inner.deep",
        "library.more",
        "library.more.one",
    ]


def test_every_other_file_is_package_data(configuration: configparser.ConfigParser) -> None:
    data = dict(configuration["options.package_data"])
    for package, path in files():
        if path.suffix != ".py":
            patterns = [pattern.strip() for pattern in data.get(package, "").split(",")]
            assert any(fnmatch(path.name, pattern) for pattern in patterns), path


def test_the_description_for_an_index_has_no_relative_link(setup: ModuleType) -> None:
    text = "A [page](docs/page.md), [docs/page.md](docs/page.md), [site](https://a.org/x), ![figure](a.png)"
    assert setup.description(text).startswith(
        "A page (`docs/page.md`), docs/page.md, [site](https://a.org/x), "
    )
    assert (
        setup.description("Above.\n\n![figure](a.png)\n\n*What it shows.*\n\nBelow.\n")
        == "Above.\n\nBelow.\n"
    )
    elsewhere = "![figure](https://a.org/a.png)\n\n*What it shows.*\n\n"
    assert setup.description(elsewhere) == elsewhere
    described = setup.description((ROOT / "README.md").read_text(encoding="utf-8"))
    assert "](docs/" not in described and "](https://doi.org/" in described
