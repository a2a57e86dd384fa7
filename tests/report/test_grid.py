"""A metric of a sweep over its grid: what stands where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from spikingsampling.report.grid import MAX_LINES, axis_of, grid_figure, lines_of


@dataclass(frozen=True)
class Result:
    settings: dict[str, Any]
    metrics: dict[str, Any]


def results(
    temperatures: tuple[Any, ...] = (2.0, 0.5, 1.0), rates: tuple[str, ...] = ("2 Hz", "1 Hz")
) -> list[Result]:
    """Two seeds at each point of a grid; the second has a value higher by 0.5."""
    return [
        Result({"a.temperature": t, "a.rate": r, "seed": seed}, {"m": float(k) + seed / 2, "flag": True})
        for k, (t, r) in enumerate((t, r) for t in temperatures for r in rates)
        for seed in (0, 1)
    ]


KEYS = ("a.rate", "a.temperature")


def test_the_axis_is_the_key_with_most_numbers() -> None:
    assert axis_of(results(), KEYS) == "a.temperature"
    assert axis_of(results((1.0,), ("1 Hz", "2 Hz")), KEYS) == "a.temperature"  # numbers before words
    assert axis_of(results(("x", "y"), ("1 Hz", "2 Hz", "3 Hz")), KEYS) == "a.rate"
    assert axis_of(results(), ()) == "seed"


def test_runs_are_sorted_into_lines_and_places() -> None:
    first, second = lines_of(results(), "m", KEYS, "a.temperature")
    assert (first.name, second.name) == ("rate = 2 Hz", "rate = 1 Hz")
    assert first.places == second.places == (0, 1, 2)  # 0.5, 1, 2
    assert first.values == ((2.0, 2.5), (4.0, 4.5), (0.0, 0.5))
    assert second.values == ((3.0, 3.5), (5.0, 5.5), (1.0, 1.5))


def test_runs_without_the_metric_are_left_out() -> None:
    some = results()
    del some[0].metrics["m"], some[1].metrics["m"]
    places = {line.name: line.places for line in lines_of(some, "m", KEYS, "a.temperature")}
    assert places == {"rate = 2 Hz": (0, 1), "rate = 1 Hz": (0, 1, 2)}
    assert lines_of(some, "flag", KEYS, "a.temperature") == []  # yes and no are no numbers
    assert grid_figure(some, "flag", KEYS) is None


def test_the_figure_shows_runs_and_means_at_their_values() -> None:
    (ax,) = grid_figure(results(), "m", KEYS).axes
    means = [line for line in ax.lines if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(means[0].get_ydata(), [2.25, 4.25, 0.25])
    np.testing.assert_allclose(means[1].get_ydata(), [3.25, 5.25, 1.25])
    # The lines stand 0.04 of the mean distance between two values (0.75) beside each other, around them.
    np.testing.assert_allclose(means[0].get_xdata(), np.array([0.5, 1, 2]) - 0.015)
    np.testing.assert_allclose(means[1].get_xdata(), np.array([0.5, 1, 2]) + 0.015)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("temperature", "m", "linear")
    dots = [line for line in ax.lines if len(line.get_xdata()) == 2]
    assert [tuple(line.get_ydata()) for line in dots[:3]] == [(2.0, 2.5), (4.0, 4.5), (0.0, 0.5)]
    low, high = ax.collections[0].get_segments()[0][:, 1]
    # Student's t with one degree of freedom: 12.7062 times the standard error, 0.25.
    np.testing.assert_allclose((low, high), (2.25 - 3.17655, 2.25 + 3.17655), rtol=1e-5)


@pytest.mark.parametrize(
    ("temperatures", "scale"),
    [((1.0, 10.0, 99.0), "linear"), ((1.0, 10.0, 100.0), "log"), ((0.0, 10.0, 100.0), "linear")],
)
def test_an_axis_over_two_decades_is_logarithmic(temperatures: tuple[float, ...], scale: str) -> None:
    (ax,) = grid_figure(results(temperatures, ("1 Hz",)), "m", KEYS).axes
    assert ax.get_xscale() == scale


def test_words_stand_beside_each_other_in_the_order_of_the_grid() -> None:
    (ax,) = grid_figure(results(("warm", "cold", "hot"), ("1 Hz",)), "m", ("a.temperature",)).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["warm", "cold", "hot"]
    assert ax.get_xticks().tolist() == [0, 1, 2]


def test_a_sweep_without_grid_shows_its_seeds() -> None:
    some = [Result({"seed": seed}, {"m": float(seed**2)}) for seed in (3, 0, 5)]
    (ax,) = grid_figure(some, "m", ()).axes
    assert ax.get_xlabel() == "seed"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "3", "5"]
    assert ax.lines[-1].get_ydata().tolist() == [0.0, 9.0, 25.0]


def test_too_many_lines_are_not_drawn() -> None:
    rates = tuple(f"{n} Hz" for n in range(MAX_LINES + 1))
    temperatures = (1.0, 2.0)
    assert grid_figure(results(temperatures, rates), "m", KEYS) is None
    assert grid_figure(results(temperatures, rates[:-1]), "m", KEYS) is not None
