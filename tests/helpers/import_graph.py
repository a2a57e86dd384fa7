"""Which file of the tree imports which, read from the source: imports in functions and for type checking count, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["circles", "edges_of", "modules", "outside_imports"]

#: Folders beside the library that are installed inside its name space.
BESIDE = ("data", "models", "protocols")


def modules(root: Path) -> dict[str, Path]:
    """All modules of the library and of what is installed inside it, by dotted name."""
    found = {}
    for folder in ("spikingsampling", *BESIDE):
        for path in sorted((root / folder).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            parts = parts if folder == "spikingsampling" else ("spikingsampling", *parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imports(module: str, path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Dotted names that a module imports from, each with the names imported from it."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = [*base, *(node.module.split(".") if node.module else [])]
            yield ".".join(base), tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called == "import_module" and isinstance(node.args[0], ast.Constant):
                name = str(node.args[0].value)
                yield (name if not name.startswith(".") else f"{'.'.join(package)}{name}"), ()
            elif called == "lazy_exports" and isinstance(node.args[1], ast.Dict):
                for key in node.args[1].keys:
                    yield f"{'.'.join(package)}.{ast.literal_eval(key)}", ()


def edges_of(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """For each of the modules the others that it imports.

    A name that is a module of a package counts as that module, any other name as its package.
    """
    edges: dict[str, set[str]] = {}
    for module, path in known.items():
        edges[module] = set()
        for base, names in _imports(module, path):
            if base in known:
                inner = {name: f"{base}.{name}" for name in names}
                edges[module] |= {full if full in known else base for full in inner.values()} or {base}
        edges[module].discard(module)
    return edges


def outside_imports(module: str, path: Path) -> set[str]:
    """The dotted names outside this package that a module imports."""
    return {base for base, _ in _imports(module, path) if not base.startswith("spikingsampling")}


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or through others (Tarjan's components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in edges[module]:
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            place = stack.index(module)
            members = stack[place:]
            del stack[place:]
            if len(members) > 1:
                found.append(sorted(members))

    for module in edges:
        if module not in number:
            visit(module)
    return found
