"""The order of the house: imports run one way, no circle is left, folders and modules stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import ROOT
from helpers.import_graph import circles, edges_of, modules, outside_imports

MODULES = modules(ROOT)
EDGES = edges_of(MODULES)

#: Rooms of the library from the ground up: each imports from those before it and from the root of the package.
ORDER = (
    "root",
    "inference",
    "network",
    "engines",
    "recording",
    "simulation",
    "analysis",
    "plotting",
    "experiment",
    "sweeps",
    "report",
    "cli",
)
#: What the rooms beside the library may import.
BESIDE = {
    "data": {"root", "data"},
    "models": {*ORDER[: ORDER.index("plotting")], "data", "models"},
    "studies": {*ORDER[: ORDER.index("cli")], "data", "models", "studies"},
    "protocols": {*ORDER, "data", "models", "studies"},
}
#: The package itself, which exports names of its rooms, and `python -m spikingsampling`.
FACADES = {"spikingsampling", "spikingsampling.__main__"}
#: What a model, which draws nothing and keeps nothing, has no use for.
NOT_IN_MODELS = {"matplotlib", "sqlite3", "rich", "typer", "argparse"}

MAX_LINES = 300
MAX_MODULES = 12

TREES = ("spikingsampling", "data", "models", "protocols", "benchmarks", "tests")


def room(module: str) -> str:
    """The room that a module stands in."""
    parts = module.split(".")[1:]
    if parts[:2] == ["protocols", "studies"]:
        return "studies"
    return parts[0] if parts and parts[0] in (*ORDER, *BESIDE) else "root"


def allowed(place: str) -> set[str]:
    if place in BESIDE:
        return BESIDE[place]
    # The command line lists the data sets; nothing else of the library knows what stands beside it.
    return {*ORDER[: ORDER.index(place) + 1], *(("data",) if place == "cli" else ())}


def python_files() -> Iterator[Path]:
    for tree in TREES:
        yield from sorted((ROOT / tree).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_circle_of_imports() -> None:
    assert circles(EDGES) == []


def test_imports_run_one_way() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in EDGES.items()
        if module not in FACADES
        for other in sorted(others)
        if room(other) not in allowed(room(module)) or other in FACADES
    ]
    assert not wrong


def test_every_room_has_its_place() -> None:
    folders = {path.name for path in (ROOT / "spikingsampling").iterdir() if any(path.glob("*.py"))}
    assert folders == set(ORDER[1:])


def test_models_draw_nothing_and_keep_nothing() -> None:
    wrong = {
        module: sorted(bad)
        for module, path in MODULES.items()
        if room(module) == "models"
        if (bad := {name.split(".")[0] for name in outside_imports(module, path)} & NOT_IN_MODELS)
    }
    assert not wrong


def test_modules_are_short() -> None:
    long = {named(path) for path in python_files() if len(path.read_text().splitlines()) > MAX_LINES}
    assert not long


def test_folders_are_small() -> None:
    count: dict[str, int] = {}
    for path in python_files():
        count[named(path.parent)] = count.get(named(path.parent), 0) + 1
    full = {folder for folder, n in count.items() if n > MAX_MODULES}
    assert not full


@pytest.mark.parametrize("tree", ["spikingsampling", "data", "models", "protocols", "benchmarks"])
def test_every_package_says_what_is_in_it(tree: str) -> None:
    folders = {path.parent for path in (ROOT / tree).rglob("*.py")}
    assert folders
    for folder in folders:
        init = folder / "__init__.py"
        assert init.is_file(), f"{named(folder)} has no __init__.py"
        assert ast.get_docstring(ast.parse(init.read_text())), f"{named(init)} has no docstring"


# --- the notice is taken where something is wrong ------------------------------------------------------------


def tree_of(folder: Path, files: dict[str, str]) -> dict[str, set[str]]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return edges_of(modules(folder))


def test_imports_in_functions_for_types_and_by_name_are_seen(tmp_path: Path) -> None:
    edges = tree_of(
        tmp_path,
        {
            "spikingsampling/__init__.py": "",
            "spikingsampling/a.py": "def f():\n    from .room.b import x\n",
            "spikingsampling/room/__init__.py": "lazy_exports(__name__, {'b': ('x',)})\n",
            "spikingsampling/room/b.py": "if TYPE_CHECKING:\n    from ..c import Y\n",
            "spikingsampling/c.py": "import importlib\nimportlib.import_module('spikingsampling.models.d')\n",
            "models/__init__.py": "",
            "models/d.py": "from spikingsampling import a\nfrom ..room import x\n",
        },
    )
    assert edges["spikingsampling.a"] == {"spikingsampling.room.b"}
    assert edges["spikingsampling.room"] == {"spikingsampling.room.b"}
    assert edges["spikingsampling.room.b"] == {"spikingsampling.c"}
    assert edges["spikingsampling.c"] == {"spikingsampling.models.d"}
    assert edges["spikingsampling.models.d"] == {"spikingsampling.a", "spikingsampling.room"}
    whole = [["spikingsampling.a", "spikingsampling.c", "spikingsampling.models.d", "spikingsampling.room"]]
    whole[0].append("spikingsampling.room.b")
    assert circles(edges) == whole
    edges["spikingsampling.room.b"].clear()
    assert circles(edges) == []


@pytest.mark.parametrize(
    ("module", "place"),
    [
        ("spikingsampling.units", "root"),
        ("spikingsampling.network.rules", "network"),
        ("spikingsampling.models.rbm.machine", "models"),
        ("spikingsampling.protocols.studies.rbm.lesions", "studies"),
        ("spikingsampling.protocols.rbm.rbm_audio", "protocols"),
        ("spikingsampling.data", "data"),
    ],
)
def test_rooms(module: str, place: str) -> None:
    assert room(module) == place


def test_what_is_forbidden() -> None:
    assert "protocols" not in allowed("studies")  # a study never imports a protocol
    assert not {"plotting", "experiment", "protocols", "studies", "sweeps"} & allowed("models")
    assert allowed("inference") == {"root", "inference"}
    assert allowed("data") == {"root", "data"}
    assert not {"models", "studies", "protocols"} & allowed("cli")
    assert not {"data", "models", "studies", "protocols"} & allowed("report")
