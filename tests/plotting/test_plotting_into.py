"""Every figure function draws where it is told to, and nowhere else."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from spikingsampling import plotting
from spikingsampling.analysis import Selectivity, SynapseHistory, principal_components
from spikingsampling.analysis.geometry import Reading, RecordedChange
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.plotting.pictures import Picture
from spikingsampling.simulation.response import Response

RNG = np.random.default_rng(3)
TUNING = Selectivity(
    np.array([0, 1]), np.ones((2, 4)), np.array([0, 1, 0, 1]), np.array([0.9, 0.8, 0.5, 0.7])
)
TIMES = np.arange(6.0)
ACTIVE = RNG.random((6, 30)) < 0.5
HISTORY = SynapseHistory(TIMES, ACTIVE)
RESPONSE = Response(
    np.array([0, 1]), {}, 0.0, 0.2, {"visual": (np.array([0.1, 0.3]), np.array([0, 2]))}, {"visual": 4}
)
CHANGE = RecordedChange("a", "active", 0.0, 1.0, 50, 0.1, {"θ": Reading(0.1, 50, 0.2, 0.3)})
MATRIX = RNG.random((4, 4))
ONE: dict[str, dict[str, Any]] = {
    "plot_curves": {"time": TIMES, "curves": {"a": TIMES / 10}, "ylabel": "y", "chance": 0.5},
    "plot_recovery": {"times": TIMES, "curves": {"a": RNG.random((2, 6))}, "title": "title"},
    "plot_trajectory": {
        "components": principal_components(RNG.random((6, 5))),
        "phase": np.array([0, 0, 0, 1, 1, 1]),
        "names": ["a", "b"],
    },
    "plot_survival": {"curves": {"a": HISTORY.survival(0.0, 3.0)}},
    "plot_active": {"times": TIMES, "counts": {"a": RNG.random((6, 3))}},
    "plot_fractions": {"groups": {"a": [0.1, 0.2]}, "ylabel": "y", "references": {"paper": 0.2}},
    "plot_theta": {"theta": {"a": RNG.normal(size=50)}, "prior": GaussianPrior(0.0, 1.0)},
    "plot_matrix": {"matrix": MATRIX, "pre": ("a", TUNING), "post": ("b", TUNING), "title": "title"},
}
SEVERAL: dict[str, dict[str, Any]] = {
    "plot_rasters": {"responses": {"both": RESPONSE}, "selectivity": {"visual": TUNING}},
    "plot_confusions": {"confusions": {"a": MATRIX, "b": MATRIX}, "classes": [0, 1, 2, 3]},
    "plot_connections": {
        "moments": {"now": (MATRIX > 0.2, MATRIX > 0.5, MATRIX > 0.8)},
        "pre": ("a", TUNING),
        "post": ("b", TUNING),
    },
    "plot_synapse_raster": {"history": HISTORY},
    "plot_front_ends": {"waveform": RNG.normal(size=4000), "sample_rate": 8000},
    "plot_pictures": {"rows": [("a", [MATRIX, MATRIX])], "axes": ("x", "y")},
    "plot_synapse_traces": {"times": TIMES, "theta": RNG.random((6, 2)), "weights": RNG.random((6, 2))},
    "plot_receptive_fields": {
        "weights": MATRIX,
        "n_circuits": 2,
        "picture": Picture((2, 2)),
        "tuning": TUNING,
    },
    "plot_changes": {"changes": [CHANGE]},
    "plot_patterns": {"rows": [("a", Picture((2, 2)), [MATRIX[0]])], "titles": ["b"]},
}


def functions() -> dict[str, Callable[..., Figure]]:
    modules = [
        import_module(f"{plotting.__name__}.{m.name}") for m in pkgutil.iter_modules(plotting.__path__)
    ]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if name.startswith("plot_") and inspect.isfunction(value) and value.__module__ == module.__name__
    }


def test_all_are_here() -> None:
    assert set(functions()) == set(ONE) | set(SEVERAL)


@pytest.mark.parametrize("name", ONE)
def test_one_picture_is_drawn_on_given_axes(name: str) -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert functions()[name](**ONE[name], ax=right) is figure
    assert right.has_data()
    assert not left.has_data()
    assert figure.legends == []
    assert right.get_xlabel() or name == "plot_fractions"
    if "title" in ONE[name]:
        assert right.get_title() == "title"
    assert not pyplot.get_fignums()
    alone = functions()[name](**ONE[name])
    assert len(alone.axes) == len(figure.axes) - 1  # a colour bar takes axes of its own


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("part", [False, True])
def test_several_pictures_are_drawn_in_a_given_figure(name: str, part: bool) -> None:
    figure = Figure(layout="constrained")
    left, right = figure.subfigures(1, 2)
    target = right if part else figure
    assert functions()[name](**SEVERAL[name], figure=target) is target
    assert left.axes == []
    alone = functions()[name](**SEVERAL[name])
    assert len(target.axes) == len(alone.axes) > 0
    figure.savefig("/dev/null", format="png")


def test_all_are_exported() -> None:
    assert set(functions()) == {name for name in plotting.__all__ if name.startswith("plot_")}
