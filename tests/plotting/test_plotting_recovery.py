"""Figures of recovery after lesions: means, intervals, and curves that do not hide each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from helpers.pages import fits, legend_of
from spikingsampling.plotting.recovery import plot_recovery

HALF_HOURS = 1800.0 * np.arange(6)


def test_recovery_shows_means_and_intervals_and_is_cut_at_lesions() -> None:
    rng = np.random.default_rng(5)
    curves = {"sampling": 0.5 + 0.4 * rng.random((5, 6)), "MAP": 0.5 + 0.4 * rng.random((4, 6))}
    figure = plot_recovery(HALF_HOURS, curves, lesions={"lesion 1": 3600.0}, chance=0.5, seeds=True)
    (ax,) = figure.axes
    thick = [line for line in ax.lines if line.get_linewidth() == 1.6 and len(line.get_xdata())]
    # The measurement at the time of the lesion is after it; two conditions are set apart by 1 % of 2.5 h.
    np.testing.assert_allclose(thick[0].get_xdata(), [0, 0.5 - 0.025])
    np.testing.assert_allclose(thick[1].get_xdata(), [1, 1.5, 2, 2.5])
    np.testing.assert_allclose(thick[2].get_xdata(), [0.025, 0.5])
    np.testing.assert_allclose(thick[3].get_xdata(), np.array([1, 1.5, 2, 2.5]) + 0.025)
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


def test_equal_curves_can_be_told_apart() -> None:
    curve = [np.linspace(0.5, 0.9, 6)]
    names = ["sampling", "map", "likelihood", "cool"]
    figure = plot_recovery(HALF_HOURS, dict.fromkeys(names, curve), xlabel="learning time since lesion 1")
    (ax,) = figure.axes
    lines = [line for line in ax.lines if len(line.get_xdata())]
    for look in ("get_marker", "get_linestyle", "get_color"):
        assert len({getattr(line, look)() for line in lines}) == 4, look
    assert len({line.get_xdata()[2] for line in lines}) == 4
    assert ax.get_xlabel() == "learning time since lesion 1 (h)"
    assert fits(figure)


@pytest.mark.parametrize(("fractions", "top"), [(True, 1.0), (False, 0.95 + 12.706205 * 0.05)])
def test_a_band_of_fractions_ends_at_1(fractions: bool, top: float) -> None:
    """0.9 and 1.0: standard error 0.05, t with one degree of freedom 12.706."""
    figure = plot_recovery([0.0, 10.0], {"a": [[0.9, 0.9], [1.0, 1.0]]}, fractions=fractions)
    (ax,) = figure.axes
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx(top)
    assert heights.min() == pytest.approx(max(0, 0.95 - 12.706205 * 0.05))
