"""Figures of turnover, connectivity, trajectories and recovery: they show what they are given, with units."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import t as student

from helpers.pages import fits, legend_of
from helpers.small.histories import HALF_HOURS, HISTORY, HOUR, PHASES
from spikingsampling.analysis import (
    SurvivalFit,
)
from spikingsampling.errors import ParameterError
from spikingsampling.plotting.timeline import Phase, duration_text, shade_phases, time_unit
from spikingsampling.plotting.turnover import plot_active, plot_fractions, plot_survival


@pytest.mark.parametrize(
    ("longest", "name"), [(7200, "h"), (7199, "min"), (120, "min"), (119, "s"), (0, "s")]
)
def test_a_unit_suits_the_time(longest: float, name: str) -> None:
    assert time_unit(longest)[0] == name


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1800, "30 min"), (5400, "90 min"), (7200, "2 h"), (20, "20 s"), (100 / 3, "33.3 s")],
)
def test_a_duration_is_told_in_its_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


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
    assert ax.get_xlabel() == "time since formation (h)"
    assert legend_of(figure) == ["cohort, 2 synapses", "fit: exponential, τ = 2 h", "prior"]
    assert fits(figure)


@pytest.mark.parametrize(
    ("law", "parameters", "text"),
    [
        ("exponential_offset", {"stable": 0.3, "tau": 1800.0}, "exponential, τ = 30 min, and 30 % stable"),
        (
            "two_exponentials",
            {"fraction": 0.6, "tau_fast": 1800.0, "tau_slow": 36_000.0},
            "60 % with τ = 30 min, the rest 10 h",
        ),
        ("power_law", {"tau": 900.0, "exponent": 0.7}, "power law, exponent −0.7"),
    ],
)
def test_a_fit_is_described(law: str, parameters: dict[str, float], text: str) -> None:
    fit = SurvivalFit(law, parameters, {}, -1.0, 2)
    figure = plot_survival({"new": HISTORY.lifetimes().survival()}, fits={"new": fit})
    assert f"fit: {text}" in legend_of(figure)
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


def test_what_conditions_have_in_common_is_drawn_once() -> None:
    counts = np.arange(12.0).reshape(6, 2)
    other = np.where(np.arange(6)[:, None] > 3, counts + 5, counts)
    figure = plot_active(HALF_HOURS, {"stays": counts, "returns": other}, shared=HALF_HOURS[3])
    (ax,) = figure.axes
    means = [line for line in ax.lines if line.get_linewidth() == 2.2]
    assert [line.get_xdata().tolist() for line in means] == [[0, 0.5, 1, 1.5], [1.5, 2, 2.5], [1.5, 2, 2.5]]
    assert [line.get_ydata()[-1] for line in means] == [6.5, 10.5, 15.5]
    assert legend_of(figure) == ["common part", "stays, mean of 2", "returns, mean of 2"]
    assert fits(figure)


def test_a_phase_is_named_in_the_middle_of_what_is_seen_of_it() -> None:
    ax = Figure().subplots()
    phases = [Phase("a", 0.0, 20.0), Phase("b", 20.0, 40.0), Phase("c", 40.0, 50.0)]
    shade_phases(ax, phases, 2.0, span=(10.0, 30.0))
    assert [(text.get_text(), text.get_position()[0]) for text in ax.texts] == [("a", 7.5), ("b", 12.5)]
    (shade,) = ax.patches
    assert (shade.get_x(), shade.get_width()) == (10, 5)


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


def test_figures_can_be_written() -> None:
    buffer = io.BytesIO()
    plot_active(HALF_HOURS, {"SE": np.ones((6, 2))}).savefig(buffer, format="pdf")
    assert buffer.tell() > 1000
