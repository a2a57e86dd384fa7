"""The metrics of a run as tables and comparisons read them."""

from __future__ import annotations

import math

from spikingsampling.analysis import Estimate
from spikingsampling.experiment.execution import _plain
from spikingsampling.experiment.metrics import Curve, Metric, curves, scalars, tabulate

METRICS = {
    "n_synapses": 28,
    "passed": True,
    "recall": {"value": 0.75, "n": 600, "interval": [0.5, 0.875], "bounds": [0, 1], "n_stimuli": 40},
    "growth": {"value": 2.5, "n": 3, "interval": [1.5, 3.5], "bounds": [0, None], "chance": 0.5},
    "single": {"value": 1.5, "n": 1, "interval": None},
    "unknown": {"value": None, "n": 2, "interval": [None, None], "bounds": [None, 2]},
    "fit": {"value": 2.0, "interval": [1.0, 3.0]},
    "nothing": None,
    "words": "none",
    "rates": [1.0, 2.0],
    "curve": {"seconds": [0, 10], "recall": [0.5, 0.75], "own": [0.25, None]},
}


def test_metrics_are_values_with_what_came_with_them() -> None:
    table = tabulate(METRICS)
    assert list(table) == [name for name in METRICS if name != "curve"]
    assert table["n_synapses"] == Metric(28)
    assert table["recall"] == Metric(0.75, (0.5, 0.875), 600, (0, 1), {"n_stimuli": 40})
    assert table["growth"] == Metric(2.5, (1.5, 3.5), 3, (0, math.inf), {"chance": 0.5})
    assert table["single"] == Metric(1.5, None, 1)
    assert table["unknown"] == Metric(None, None, 2, (-math.inf, 2))
    assert table["fit"] == Metric(2.0, (1.0, 3.0))
    assert table["rates"] == Metric([1.0, 2.0])


def test_scalars_are_one_value_each() -> None:
    assert scalars(METRICS) == {
        "n_synapses": 28,
        "passed": True,
        "recall": 0.75,
        "growth": 2.5,
        "single": 1.5,
        "unknown": None,
        "fit": 2.0,
        "nothing": None,
        "words": "none",
    }


def test_curves_have_their_abscissa_first() -> None:
    assert curves(METRICS) == [
        Curve("curve", "seconds", [0, 10], {"recall": [0.5, 0.75], "own": [0.25, None]})
    ]


def test_a_mapping_is_a_curve_only_with_equally_long_lists_that_are_not_empty() -> None:
    assert curves({"a": {"x": [1]}, "b": {"x": [1], "y": [1, 2]}, "c": {"x": [], "y": []}}) == []
    assert curves({"d": {"x": [1], "y": 2}, "e": {"x": "a", "y": "b"}}) == []
    assert [curve.name for curve in curves({"f": {"x": [1], "y": [2]}})] == ["f"]


def test_estimates_are_written_as_mappings_and_what_is_no_number_as_null() -> None:
    estimate = Estimate(0.5, 4, (0.25, math.nan), (0, math.inf), 2)
    assert _plain({"a": estimate, "b": [math.inf, 1], "c": Estimate(math.nan, 1)}) == {
        "a": {"value": 0.5, "n": 4, "interval": [0.25, None], "bounds": [0, None], "n_stimuli": 2},
        "b": [None, 1],
        "c": {"value": None, "n": 1, "interval": None},
    }
