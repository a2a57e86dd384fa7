"""The pages of the Python interface: one for each package, its modules as sections."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator

import spikingsampling

__all__ = ["PACKAGES", "interface_pages"]

#: The packages with a page. The command line has a page of its own.
PACKAGES = (
    *("inference", "network", "network.reward", "engines", "recording", "simulation", "simulation.encoding"),
    *("analysis", "analysis.geometry", "analysis.turnover", "plotting", "experiment", "sweeps", "report"),
    *("data", "models", "models.association", "models.dynamics", "models.geometry", "models.hopfield"),
    *("models.posterior", "models.rbm", "models.reward"),
)
#: Modules of the package itself that users meet.
ROOT_MODULES = ("parameters", "units", "errors", "tables")


#: Methods that scikit-learn adds to its classes, whose documentation refers to its own site.
_OF_SKLEARN = ("set_fit_request", "set_predict_request", "set_score_request", "set_transform_request")


def interface_pages() -> dict[str, str]:
    """Name of each page and its reStructuredText; ``index`` lists them."""
    pages = {package: _page(f"spikingsampling.{package}") for package in PACKAGES}
    pages["root"] = "\n".join(
        [
            *_title("Units, parameters, errors", "="),
            *(line for name in ROOT_MODULES for line in _section(f"spikingsampling.{name}")),
        ]
    )
    listed = "\n".join(f"   {name}" for name in ("root", *PACKAGES))
    exported = "\n".join(_exports())
    pages["index"] = "\n".join(
        [
            *_title("Python interface", "="),
            "The main names are at hand after ``import spikingsampling as ss``:",
            "",
            exported,
            "",
            "All else is imported from its package:",
            "",
            f".. toctree::\n   :maxdepth: 1\n\n{listed}\n",
        ]
    )
    return pages


def _title(text: str, sign: str) -> list[str]:
    return [text, sign * len(text), ""]


def _exports() -> Iterator[str]:
    for name in sorted(set(spikingsampling.__all__) - {"__version__"}):
        value = getattr(spikingsampling, name)
        meaning = inspect.cleandoc(value.__doc__ or "").partition("\n")[0]
        if inspect.ismodule(value):
            yield f"- :py:mod:`{name} <{value.__name__}>`: {meaning}"
        elif inspect.isclass(value) or inspect.isfunction(value):
            role = "class" if inspect.isclass(value) else "func"
            yield f"- :py:{role}:`{name} <{value.__module__}.{value.__qualname__}>`: {meaning}"
        else:
            yield f"- ``{name}``"


def _page(package: str) -> str:
    module = importlib.import_module(package)
    lines = [*_title(package.removeprefix("spikingsampling."), "="), f".. automodule:: {package}", ""]
    for info in pkgutil.iter_modules(module.__path__):
        if not info.name.startswith("_") and not info.ispkg:
            lines += _section(f"{package}.{info.name}")
    return "\n".join(lines)


def _section(module: str) -> list[str]:
    public = vars(importlib.import_module(module))
    # Sphinx takes ``dict[str, Array]`` for a class and fails to write its signature.
    aliases = [name for name in public.get("__all__", ()) if isinstance(public.get(name), types.GenericAlias)]
    options = ["   :members:", f"   :exclude-members: {', '.join([*aliases, *_OF_SKLEARN])}"]
    return [*_title(module.rpartition(".")[2], "-"), f".. automodule:: {module}", *options, ""]
