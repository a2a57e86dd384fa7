"""Figures: every one shows what it is given, with units, and clips nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from helpers.pages import fits
from spikingsampling.analysis import Selectivity, selectivity
from spikingsampling.inference.priors import GaussianPrior
from spikingsampling.plotting.activity import plot_confusions, plot_curves, plot_rasters
from spikingsampling.plotting.pictures import Picture, plot_patterns
from spikingsampling.plotting.style import class_colour
from spikingsampling.plotting.weights import plot_matrix, plot_receptive_fields, plot_theta
from spikingsampling.simulation.response import Response

RNG = np.random.default_rng(0)


def tuning_of(preferred: list[int]) -> Selectivity:
    """Neurons that respond to one class each, the first of a class the most selective."""
    classes = sorted({*preferred, 0, 1})
    counts = [[10 if p == c else k for k, p in enumerate(preferred)] for c in classes]
    return selectivity(np.array(counts), classes)


def pixels(figure: Figure) -> np.ndarray:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="raw", dpi=80)
    width, height = (figure.get_size_inches() * 80).astype(int)
    return np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)


def colour_distance(one: str, other: str) -> float:
    return float(np.linalg.norm(np.subtract(to_rgb(one), to_rgb(other))))


def test_ten_digits_have_ten_colours_that_differ_and_are_seen_on_white() -> None:
    colours = [class_colour(digit) for digit in range(10)]
    both = [(a, b) for k, a in enumerate([*colours, class_colour(-1)]) for b in colours[:k]]
    assert min(colour_distance(a, b) for a, b in both) > 0.2
    assert min(colour_distance(c, "white") for c in colours) > 0.5
    assert class_colour(-1) not in colours


def response(labels: list[int], times: list[float], neurons: list[int], start: float = 100.0) -> Response:
    spikes = (start + np.array(times), np.array(neurons))
    return Response(np.array(labels), {}, start, 0.2, {"visual": spikes}, {"visual": 4})


def test_rasters_sort_neurons_by_class_and_count_time_from_the_start() -> None:
    tuning = tuning_of([1, 0, 1, 0])  # sorted: neurons 1, 3, 0, 2
    figure = plot_rasters(
        {"both": response([1, 0, -1], [0.05, 0.3, 0.59, 0.7], [0, 1, 2, 3])},
        {"visual": tuning},
        duration=0.6,
    )
    (axes,) = figure.axes
    (points,) = axes.collections
    # The spike at 0.7 s is not shown.
    np.testing.assert_allclose(points.get_offsets(), [[0.05, 2], [0.3, 0], [0.59, 3]])
    assert [tuple(c[:3]) for c in points.get_edgecolors()] == [to_rgb(class_colour(c)) for c in (1, 0, 1)]
    bars = [(patch.get_x(), patch.get_facecolor()[:3]) for patch in axes.patches]
    assert [x for x, _ in bars] == pytest.approx([0, 0.2, 0.4])
    assert [c for _, c in bars] == [to_rgb(class_colour(c)) for c in (1, 0, -1)]
    assert axes.get_xlabel() == "time (s)"
    assert fits(figure)


def test_confusions_have_what_is_shown_in_rows_and_what_it_is_taken_for_in_columns() -> None:
    wide = np.array([[0.75, 0.25, 0.0], [0.0, 1.0, 0.0], [np.nan] * 3])
    figure = plot_confusions({"one way": wide, "other way": np.eye(3)}, [4, 7, 8], names={7: "seven"})
    one, other, bar = figure.axes
    assert (one.get_title(), other.get_title()) == ("one way", "other way")
    assert (one.get_xlabel(), one.get_ylabel(), bar.get_ylabel()) == (
        *("taken for", "shown", "fraction of presentations"),
    )
    for labels in (one.get_xticklabels(), other.get_yticklabels()):
        assert [label.get_text() for label in labels] == ["4", "seven", "8"]
    np.testing.assert_array_equal(one.images[0].get_array().filled(-1), np.nan_to_num(wide, nan=-1))
    # A text stands at (column, row).
    written = {text.get_position(): text.get_text() for text in one.texts}
    assert written == {(0, 0): ".75", (1, 0): ".25", (1, 1): "1.00"}
    assert fits(figure)


@pytest.mark.parametrize(
    ("seconds", "unit", "last"), [([10, 20], "s", 20), ([200, 400], "min", 20 / 3), ([3600, 7200], "h", 2)]
)
def test_curves_have_a_unit_that_suits_the_time(seconds: list[float], unit: str, last: float) -> None:
    figure = plot_curves(
        seconds,
        {"a": [0.2, 0.9], "b": [0.4, 0.5]},
        ylabel="accuracy",
        chance=0.5,
        intervals={"a": [(0.1, 0.3), (0.8, 1.0)]},
    )
    (axes,) = figure.axes
    assert axes.get_xlabel() == f"simulated training time ({unit})"
    a, b, chance = axes.lines
    assert (a.get_xdata()[1] + b.get_xdata()[1]) / 2 == pytest.approx(last)
    assert list(a.get_ydata()) == [0.2, 0.9]
    assert list(chance.get_ydata()) == [0.5, 0.5]
    (intervals,) = axes.collections
    np.testing.assert_allclose(
        [segment[:, 1] for segment in intervals.get_segments()], [[0.1, 0.3], [0.8, 1]]
    )
    low, high = axes.get_xlim()
    assert low == 0
    assert b.get_xdata()[1] < high
    assert fits(figure)


def test_a_curve_of_one_test_is_drawn() -> None:
    assert fits(plot_curves([20.0], {"a": [0.5]}, ylabel="accuracy"))


def test_a_curve_below_zero_is_not_cut() -> None:
    (axes,) = plot_curves([10.0, 20.0], {"a": [-0.4, 0.5]}, ylabel="correlation").axes
    assert axes.get_ylim()[0] < -0.4


@pytest.mark.parametrize(
    ("n_circuits", "size", "shape", "upright"),
    [(4, 10, (28, 28), False), (2, 4, (8, 77), True), (1, 2, (1, 77), True)],
)
def test_receptive_fields_fit_their_page(
    n_circuits: int, size: int, shape: tuple[int, int], upright: bool
) -> None:
    n = n_circuits * size
    weights = RNG.random((shape[0] * shape[1], n))
    figure = plot_receptive_fields(
        weights,
        n_circuits,
        Picture(shape, "column (pixel)", "row (pixel)", upright),
        tuning_of([k % 2 for k in range(n)]),
        title="visual receptive fields",
    )
    assert fits(figure)
    width, height = figure.get_size_inches()
    assert max(width, height) < 14
    fields = figure.axes[:n]
    boxes = [axes.get_window_extent() for axes in fields]
    assert all(box.width == pytest.approx(box.height, rel=0.01) for box in boxes)
    assert all(a.y0 >= b.y1 for a, b in zip(boxes, boxes[size:], strict=False))  # one row per circuit
    shown = fields[-1].images[0].get_array()
    expected = weights[:, -1].reshape(shape)
    np.testing.assert_array_equal(shown, expected.T if upright else expected)
    corner = fields[n - size]  # bottom left: its axes are named, its first and last row and column numbered
    rows, columns = shown.shape
    assert (corner.get_xlabel(), corner.get_ylabel()) == (
        "column (pixel)",
        f"circuit {n_circuits}\nrow (pixel)",
    )
    assert corner.get_xticks().tolist() == sorted({0, columns - 1})
    assert corner.get_yticks().tolist() == sorted({0, rows - 1})
    assert figure.axes[n].get_ylabel() == "weight w (dimensionless)"


def test_a_circuit_of_more_than_ten_neurons_goes_on_in_the_next_row() -> None:
    weights = np.tile(np.arange(24.0), (4, 1))
    figure = plot_receptive_fields(
        weights, 2, Picture((2, 2), "x", "y"), tuning_of([k % 2 for k in range(24)]), label="grey value"
    )
    assert fits(figure)
    panels, bar = figure.axes[:40], figure.axes[40]
    assert bar.get_ylabel() == "grey value"
    shown = [int(panel.images[0].get_array()[0, 0]) if panel.images else None for panel in panels]
    gap = [None] * 8
    assert shown == [*range(12), *gap, *range(12, 24), *gap]
    assert [panels[k].get_ylabel() for k in (0, 10, 20, 30)] == ["circuit 1", "", "circuit 2", "y"]
    assert not panels[39].axison


def test_a_neuron_keeps_its_colour_and_index() -> None:
    tuning = tuning_of([1, 0])
    figure = plot_receptive_fields(RNG.random((4, 2)), 1, Picture((2, 2)), tuning)
    assert [axes.get_title() for axes in figure.axes[:2]] == ["1: 1.00", f"0: {9 / 11:.2f}"]
    assert figure.axes[0].title.get_color() == class_colour(1)


def test_patterns_stand_in_rows_and_a_cochleagram_stands_upright() -> None:
    image, sound = RNG.random((28, 28)), RNG.random((8, 77))
    figure = plot_patterns(
        [
            ("image\n(shown)", Picture((28, 28)), [image.ravel()] * 3),
            ("sound", Picture((8, 77), upright=True), [sound.ravel()] * 3),
        ],
        ["“1”"] * 3,
    )
    assert fits(figure)
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), image)
    shown = figure.axes[3].images[0]
    np.testing.assert_array_equal(shown.get_array(), sound.T)
    assert shown.origin == "lower"  # low frequencies below


def test_missing_reconstructions_are_drawn_as_nothing() -> None:
    assert fits(plot_patterns([("none", Picture((28, 28)), [np.full(784, np.nan)])], ["“1”"]))


def test_a_pattern_of_several_frames_is_averaged() -> None:
    np.testing.assert_array_equal(Picture((1, 2)).array(np.array([1.0, 2, 3, 6])), [[2, 4]])
    np.testing.assert_array_equal(Picture((1, 2), upright=True).array(np.array([1.0, 2])), [[1], [2]])


def test_theta_histograms_and_the_prior_are_densities() -> None:
    prior = GaussianPrior(0.3, 0.8)
    theta = {"from input": prior.sample(RNG, 20_000), "lateral": prior.sample(RNG, 60)}
    figure = plot_theta(theta, prior)
    (axes,) = figure.axes
    for patch in axes.patches:
        x, y = patch.get_xy().T
        assert abs(np.sum(np.diff(x) * y[:-1])) == pytest.approx(1)
    grid, density = axes.lines[0].get_data()
    np.testing.assert_allclose(density, np.exp(-((grid - 0.3) ** 2) / 1.28) / (0.8 * np.sqrt(2 * np.pi)))
    active = np.mean(theta["lateral"] > 0)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert f"lateral ({active:.0%} active)" in labels
    assert fits(figure)


def test_a_matrix_is_sorted_on_both_sides_and_grey_where_no_synapse_can_be() -> None:
    pre, post = tuning_of([1, 0, 1]), tuning_of([0, 1])
    matrix = np.array([[0.1, 0.2], [0.3, np.nan], [0.5, 0.6]])
    figure = plot_matrix(matrix, ("auditory", pre), ("visual", post), title="lateral synapses")
    axes = figure.axes[0]
    shown = axes.images[0].get_array()
    np.testing.assert_array_equal(shown.filled(-1), [[0.3, -1], [0.1, 0.2], [0.5, 0.6]])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0", "1"]
    np.testing.assert_allclose(axes.get_yticks(), [0, 1.5])
    assert (axes.get_ylabel(), axes.get_xlabel()) == (
        "auditory neuron (from), by preferred class",
        "visual neuron (to), by preferred class",
    )
    assert fits(figure)
    grey = np.all(pixels(figure)[..., :3] == 0xBB, axis=-1)
    assert grey.sum() > 1000
