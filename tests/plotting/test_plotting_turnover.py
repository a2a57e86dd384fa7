"""Figures of turnover, connectivity, trajectories and recovery: they show what they are given, with units."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from scipy.stats import t as student

from spikingsampling.analysis import (
    PrincipalComponents,
    Selectivity,
    SurvivalFit,
    SynapseHistory,
    principal_components,
    selectivity,
)
from spikingsampling.errors import ParameterError
from spikingsampling.plotting.connectivity import plot_connections, plot_synapse_raster
from spikingsampling.plotting.recovery import plot_recovery
from spikingsampling.plotting.style import class_colour
from spikingsampling.plotting.timeline import Phase, time_unit
from spikingsampling.plotting.trajectories import plot_synapse_traces, plot_trajectory
from spikingsampling.plotting.turnover import plot_active, plot_fractions, plot_survival

HOUR = 3600.0
HALF_HOURS = 1800.0 * np.arange(6)
HISTORY = SynapseHistory(
    HALF_HOURS,
    np.array(
        [
            [1, 0, 0, 0, 0],
            [1, 1, 1, 0, 0],
            [1, 1, 0, 0, 0],
            [0, 1, 0, 1, 0],
            [0, 1, 1, 1, 0],
            [1, 0, 1, 1, 0],
        ],
        dtype=bool,
    ),
)
PHASES = [Phase("digit 1", 0.0, 1.5 * HOUR), Phase("digits 1 and 2", 1.5 * HOUR, 2.5 * HOUR)]


def fits(figure: Figure) -> bool:
    """Whether everything that is drawn lies on the page."""
    FigureCanvasAgg(figure).draw()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    return bool(min(box.x0, box.y0) > -0.01 and box.x1 < width + 0.01 and box.y1 < height + 0.01)


def legend_of(figure: Figure) -> list[str]:
    legends = [*figure.legends, *(ax.get_legend() for ax in figure.axes if ax.get_legend())]
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def tuning_of(preferred: list[int]) -> Selectivity:
    classes = sorted(set(preferred))
    counts = [[10 if p == c else k for k, p in enumerate(preferred)] for c in classes]
    return selectivity(np.array(counts), classes)


@pytest.mark.parametrize(
    ("longest", "name"), [(7200, "h"), (7199, "min"), (120, "min"), (119, "s"), (0, "s")]
)
def test_a_unit_suits_the_time(longest: float, name: str) -> None:
    assert time_unit(longest)[0] == name


def test_a_phase_has_a_length() -> None:
    with pytest.raises(ParameterError, match=r"Phase 'a' from 2.0 s to 2.0 s: start must be before stop"):
        Phase("a", 2.0, 2.0)


def test_survival_shows_points_band_fit_and_reference() -> None:
    curve = HISTORY.survival(0.0, 1800.0)
    fit = SurvivalFit("exponential", {"tau": 7200.0}, {"tau": (0.0, np.inf)}, -1.0, 2)
    figure = plot_survival(
        {"cohort": curve}, fits={"cohort": fit}, reference=("prior", HALF_HOURS[:3], [1, 0.7, 0.6])
    )
    (ax,) = figure.axes
    points, line, reference = ax.lines
    np.testing.assert_allclose(points.get_xdata(), curve.times / HOUR)
    np.testing.assert_array_equal(points.get_ydata(), curve.survival)
    np.testing.assert_allclose(line.get_ydata(), np.exp(-line.get_xdata() / 2))
    np.testing.assert_allclose(reference.get_xdata(), [0, 0.5, 1])
    (band,) = ax.collections
    low, high = band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()
    assert (low, high) == pytest.approx((curve.low.min(), 1))
    assert ax.get_xlabel() == "time since birth (h)"
    assert legend_of(figure) == ["cohort (2 synapses)", "exponential, 2 h", "prior"]
    assert fits(figure)


@pytest.mark.parametrize(
    ("law", "parameters", "text"),
    [
        ("exponential_offset", {"stable": 0.3, "tau": 1800.0}, "exponential, 30 min, and 30 % stable"),
        (
            "two_exponentials",
            {"fraction": 0.6, "tau_fast": 1800.0, "tau_slow": 36_000.0},
            "60 % with 30 min, the others 10 h",
        ),
        ("power_law", {"tau": 900.0, "exponent": 0.7}, "power law, exponent −0.7"),
    ],
)
def test_a_fit_is_described_and_birth_is_left_out_of_logarithms(
    law: str, parameters: dict[str, float], text: str
) -> None:
    fit = SurvivalFit(law, parameters, {}, -1.0, 2)
    curve = HISTORY.lifetimes().survival()
    figure = plot_survival(
        {"new": curve}, fits={"new": fit}, reference=("prior", [0, 1800], [1, 0.7]), logarithmic=True
    )
    assert text in legend_of(figure)
    (ax,) = figure.axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert all(line.get_xdata().min() > 0 for line in ax.lines)
    assert fits(figure)


def test_active_synapses_have_a_mean_and_named_phases() -> None:
    counts = np.arange(12.0).reshape(6, 2)
    figure = plot_active(HALF_HOURS, {"SE": counts}, phases=PHASES)
    (ax,) = figure.axes
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), counts.mean(axis=1))
    assert ax.get_xlim() == (0, 2.5)
    assert [text.get_text() for text in ax.texts] == ["digit 1", "digits 1 and 2"]
    (shade,) = ax.patches
    assert (shade.get_x(), shade.get_width()) == (1.5, 1.0)
    assert fits(figure)


def test_bars_are_means_with_intervals_and_every_seed() -> None:
    figure = plot_fractions(
        {"standard": [0.08, 0.1, 0.09], "enriched": [0.3]},
        ylabel="formation per half hour",
        references={"prior alone": 0.1178},
    )
    (ax,) = figure.axes
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([0.09, 0.3])
    (interval,) = ax.collections  # none for a single seed
    half = student.isf(0.025, 2) * 0.01 / np.sqrt(3)
    np.testing.assert_allclose(interval.get_segments()[0][:, 1], [0.09 - half, 0.09 + half])
    assert sorted(ax.lines[0].get_ydata()) == [0.08, 0.09, 0.1]
    assert legend_of(figure) == ["prior alone (11.8 %)"]
    assert ax.get_ylim()[1] > 0.3
    assert fits(figure)


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
    assert [ax.get_title() for ax in figure.axes[:3]] == ["potential: 5", "active: 3", "newly formed: 1"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["“1”", "“2”"]
    assert figure.axes[0].get_ylabel() == "before\na neuron (from)"
    assert fits(figure)


def test_a_long_matrix_fits_its_page() -> None:
    pre, post = tuning_of([1, 2] * 200), tuning_of([1, 2] * 10)
    matrix = np.random.default_rng(1).random((400, 20)) < 0.5
    assert fits(plot_connections({"end": (matrix, matrix, matrix)}, ("input", pre), ("visual", post)))


def test_the_raster_colours_a_synapse_by_the_phase_of_its_birth() -> None:
    figure = plot_synapse_raster(HISTORY, phases=PHASES, events={"lesion": 1.5 * HOUR})
    top, bottom = figure.axes
    # Sorted by first birth: 0 (from the start), 1 (longer than 2), 2, 3. Synapse 4 is never active.
    expected = [[0, 0, 0, -1, -1, 2], [-1, 1, 1, 1, 1, -1], [-1, 1, -1, -1, 2, 2], [-1, -1, -1, 1, 1, 1]]
    picture = top.collections[0].get_array()
    np.testing.assert_array_equal(picture.filled(-1), expected)
    assert top.get_ylabel() == "synapse, by birth\n(4 of 5 ever active)"
    assert legend_of(figure) == ["active at the start", "born: digit 1", "born: digits 1 and 2"]
    births, deaths = bottom.patches
    assert births.get_data().values.tolist() == [2, 0, 1, 1, 1]
    assert deaths.get_data().values.tolist() == [0, -1, -1, 0, -1]
    assert births.get_data().edges[1] == 0.5
    assert (bottom.get_xlabel(), bottom.get_ylabel()) == ("simulated time (h)", "deaths, births\nin 30 min")
    assert fits(figure)


def test_the_raster_without_phases_and_a_lesion_that_dwarfs_the_rest() -> None:
    active = np.ones((8, 400), dtype=bool)
    active[np.arange(1, 5), np.arange(4)] = False
    active[5:, 10:] = False
    figure = plot_synapse_raster(SynapseHistory(60.0 * np.arange(8), active))
    assert legend_of(figure) == ["active at the start", "born in the run"]
    bottom = figure.axes[1]
    assert bottom.get_yscale() == "symlog"
    assert bottom.get_ylim()[0] <= -390
    assert fits(figure)


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
    grey, mine = to_rgb("#999999"), to_rgb(class_colour(0))
    assert [to_rgb(line.get_color()) for line in top.lines[:4]] == [grey, mine, grey, mine]
    assert [line.get_color() for line in bottom.lines[:4]] == [line.get_color() for line in top.lines[:4]]
    np.testing.assert_array_equal(bottom.lines[2].get_ydata(), weights[:, 2])
    np.testing.assert_allclose(top.lines[0].get_xdata(), HALF_HOURS / HOUR)
    assert legend_of(figure) == ["recruited"]
    assert bottom.get_xlabel() == "simulated time (h)"
    assert fits(figure)
    assert fits(plot_synapse_traces(HALF_HOURS, theta, weights, events={"lesion 1": 5000.0}))


def test_recovery_shows_means_and_intervals_and_is_cut_at_lesions() -> None:
    rng = np.random.default_rng(5)
    curves = {"sampling": 0.5 + 0.4 * rng.random((5, 6)), "MAP": 0.5 + 0.4 * rng.random((4, 6))}
    figure = plot_recovery(HALF_HOURS, curves, lesions={"lesion 1": 3600.0}, chance=0.5, seeds=True)
    (ax,) = figure.axes
    thick = [line for line in ax.lines if line.get_linewidth() == 1.8 and len(line.get_xdata())]
    # The measurement at the time of the lesion is after it.
    np.testing.assert_allclose(thick[0].get_xdata(), [0, 0.5])
    np.testing.assert_allclose(thick[1].get_xdata(), [1, 1.5, 2, 2.5])
    np.testing.assert_allclose(thick[1].get_ydata(), curves["sampling"].mean(axis=0)[2:])
    low = ax.collections[0].get_paths()[0].vertices[:, 1].min()
    column = curves["sampling"][:, :2]
    half = student.isf(0.025, 4) * column.std(axis=0, ddof=1) / np.sqrt(5)
    assert low == pytest.approx((column.mean(axis=0) - half).min())
    assert legend_of(figure) == ["sampling", "MAP", "chance"]
    assert "n = 4 to 5" in ax.get_ylabel()
    assert [text.get_text() for text in ax.texts] == ["lesion 1"]
    assert ax.get_ylim()[0] < 0.5
    assert fits(figure)


def test_recovery_of_one_seed_has_no_band() -> None:
    figure = plot_recovery(HALF_HOURS, {"sampling": [np.linspace(0.5, 0.9, 6)]})
    (ax,) = figure.axes
    assert not ax.collections
    assert "interval" not in ax.get_ylabel()
    assert fits(figure)


def test_figures_can_be_written() -> None:
    buffer = io.BytesIO()
    plot_synapse_raster(HISTORY).savefig(buffer, format="pdf")
    assert buffer.tell() > 1000
