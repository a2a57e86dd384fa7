"""Figures of parameters over time: in their principal components, and one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers.pages import fits, legend_of
from spikingsampling.analysis import PrincipalComponents, principal_components
from spikingsampling.errors import ParameterError
from spikingsampling.plotting.style import class_colour
from spikingsampling.plotting.timeline import Phase
from spikingsampling.plotting.trajectories import plot_synapse_traces, plot_trajectory

HOUR = 3600.0
HALF_HOURS = 1800.0 * np.arange(6)
PHASES = [Phase("digit 1", 0.0, 1.5 * HOUR), Phase("digits 1 and 2", 1.5 * HOUR, 2.5 * HOUR)]


def path() -> PrincipalComponents:
    return principal_components(np.cumsum(np.random.default_rng(2).normal(size=(30, 6)), axis=0), 3)


@pytest.mark.parametrize("n_dimensions", [2, 3])
def test_a_trajectory_is_coloured_by_phase_and_unbroken(n_dimensions: int) -> None:
    found = path()
    figure = plot_trajectory(found, np.arange(30) // 10, ["a", "b", "c"], n_dimensions=n_dimensions)
    (ax,) = figure.axes
    drawn = [np.array(line.get_data_3d() if n_dimensions == 3 else line.get_data()).T for line in ax.lines]
    lines, points = drawn[0:6:2], drawn[1:6:2]
    np.testing.assert_allclose(np.vstack(points), found.points[:, :n_dimensions])
    for one, other in pairwise(lines):
        np.testing.assert_allclose(one[-1], other[0])
    assert [to_rgb(ax.lines[k].get_color()) for k in (0, 2, 4)] == [to_rgb(class_colour(k)) for k in range(3)]
    np.testing.assert_allclose([drawn[6][0], drawn[7][0]], found.points[[0, -1], :n_dimensions])
    assert legend_of(figure) == ["a", "b", "c", "start", "end"]
    assert f"{100 * found.explained[0]:.0f} %" in ax.get_xlabel()
    assert fits(figure)


@pytest.mark.parametrize("n_dimensions", [1, 4])
def test_a_trajectory_has_two_or_three_dimensions(n_dimensions: int) -> None:
    with pytest.raises(ParameterError, match=f"n_dimensions = {n_dimensions}: must be 2 or 3"):
        plot_trajectory(path(), np.zeros(30, dtype=int), ["a"], n_dimensions=n_dimensions)
    two = principal_components(np.random.default_rng(3).normal(size=(5, 4)), 2)
    with pytest.raises(ParameterError, match="at most the 2 components"):
        plot_trajectory(two, np.zeros(5, dtype=int), ["a"], n_dimensions=3)


def test_parameters_and_weights_share_time_and_colours() -> None:
    theta = np.random.default_rng(4).normal(size=(6, 4))
    weights = np.exp(theta)
    figure = plot_synapse_traces(HALF_HOURS, theta, weights, phases=PHASES, groups={"recruited": [1, 3]})
    top, bottom = figure.axes
    grey, colour = to_rgb("#999999"), to_rgb(class_colour(0))
    assert [to_rgb(line.get_color()) for line in top.lines[:4]] == [grey, colour, grey, colour]
    assert [line.get_color() for line in bottom.lines[:4]] == [line.get_color() for line in top.lines[:4]]
    np.testing.assert_array_equal(bottom.lines[2].get_ydata(), weights[:, 2])
    np.testing.assert_allclose(top.lines[0].get_xdata(), HALF_HOURS / HOUR)
    assert legend_of(figure) == ["recruited"]
    assert bottom.get_xlabel() == "simulated time (h)"
    assert fits(figure)
    assert fits(plot_synapse_traces(HALF_HOURS, theta, weights, events={"lesion 1": 5000.0}))
