"""Figures of active synapses: matrices at moments of a run, and a raster of formation and retraction."""

from __future__ import annotations

import numpy as np

from helpers.pages import fits, legend_of
from helpers.small.histories import HISTORY, HOUR, PHASES
from spikingsampling.analysis import Selectivity, SynapseHistory, selectivity
from spikingsampling.plotting.connectivity import plot_connections, plot_synapse_raster


def tuning_of(preferred: list[int]) -> Selectivity:
    classes = sorted(set(preferred))
    counts = [[10 if p == c else k for k, p in enumerate(preferred)] for c in classes]
    return selectivity(np.array(counts), classes)


def test_connections_are_sorted_on_both_sides_and_counted() -> None:
    pre, post = tuning_of([2, 1, 2]), tuning_of([1, 2])
    potential = np.array([[1, 1], [1, 0], [1, 1]], dtype=bool)
    active = np.array([[0, 1], [1, 0], [0, 1]], dtype=bool)
    new = np.array([[0, 1], [0, 0], [0, 0]], dtype=bool)
    figure = plot_connections(
        {"before": (potential, active, new), "after": (potential, new, new)}, ("a", pre), ("v", post)
    )
    assert pre.order.tolist() in ([1, 0, 2], [1, 2, 0])
    shown = [ax.images[0].get_array() for ax in figure.axes]
    expected = np.array([[1, 0], [0, 1], [0, 1]])[[0, 1, 2]]
    np.testing.assert_array_equal(shown[1] == 2, expected)
    np.testing.assert_array_equal(shown[0], [[2, 0], [2, 2], [2, 2]])
    row_of_new = pre.order.tolist().index(0)
    assert np.argwhere(shown[2] == 2).tolist() == [[row_of_new, 1]]
    assert [ax.get_title() for ax in figure.axes[:3]] == ["potential: 5", "active: 3", "new: 1"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["“1”", "“2”"]
    assert figure.axes[0].get_ylabel() == "before\na neuron (from)"
    assert fits(figure)


def test_a_long_matrix_fits_its_page() -> None:
    pre, post = tuning_of([1, 2] * 200), tuning_of([1, 2] * 10)
    matrix = np.random.default_rng(1).random((400, 20)) < 0.5
    assert fits(plot_connections({"end": (matrix, matrix, matrix)}, ("input", pre), ("visual", post)))


def test_the_raster_colours_a_synapse_by_the_phase_of_its_formation() -> None:
    figure = plot_synapse_raster(HISTORY, phases=PHASES, events={"lesion": 1.5 * HOUR})
    top, bottom = figure.axes
    # Sorted by first formation: 0 (from the start), 1 (longer than 2), 2, 3. Synapse 4 is never active.
    expected = [[0, 0, 0, -1, -1, 2], [-1, 1, 1, 1, 1, -1], [-1, 1, -1, -1, 2, 2], [-1, -1, -1, 1, 1, 1]]
    picture = top.collections[0].get_array()
    np.testing.assert_array_equal(picture.filled(-1), expected)
    assert top.get_ylabel() == "synapse, by formation\n(4 of 5 ever active)"
    assert legend_of(figure) == ["active at the start", "formed: digit 1", "formed: digits 1 and 2"]
    formed, retracted = bottom.patches
    assert formed.get_data().values.tolist() == [2, 0, 1, 1, 1]
    assert retracted.get_data().values.tolist() == [0, -1, -1, 0, -1]
    assert formed.get_data().edges[1] == 0.5
    assert (bottom.get_xlabel(), bottom.get_ylabel()) == (
        "simulated time (h)",
        "formed,\nretracted\nin 30 min",
    )
    assert fits(figure)


def test_the_raster_without_phases_and_a_lesion_that_dwarfs_the_rest() -> None:
    active = np.ones((8, 400), dtype=bool)
    active[np.arange(1, 5), np.arange(4)] = False
    active[5:, 10:] = False
    figure = plot_synapse_raster(SynapseHistory(60.0 * np.arange(8), active))
    assert legend_of(figure) == ["active at the start", "formed in the run"]
    bottom = figure.axes[1]
    assert bottom.get_yscale() == "symlog"
    assert bottom.get_ylim()[0] <= -390
    assert fits(figure)
