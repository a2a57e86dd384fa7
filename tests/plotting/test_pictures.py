"""Pictures of patterns in rows, edges as bars; bands and marks."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.plotting.pictures import Picture, edge_bars, plot_patterns, plot_pictures
from spikingsampling.plotting.style import draw_band, draw_marks
from spikingsampling.simulation.encoding import EdgeParameters, edge_maps

PICTURE = np.arange(6.0).reshape(2, 3)


def test_rows_of_pictures_may_differ_in_length():
    figure = plot_pictures([("input", [PICTURE, PICTURE + 1]), ("reconstruction", [PICTURE + 2])])
    first, second, third, empty = figure.axes
    for ax, shift in ((first, 0), (second, 1), (third, 2)):
        np.testing.assert_array_equal(ax.images[0].get_array(), PICTURE + shift)
        assert ax.images[0].origin == "upper"
    assert not empty.images
    assert [first.get_ylabel(), second.get_ylabel(), third.get_ylabel()] == ["input", "", "reconstruction"]


def test_upright_pictures_have_time_to_the_right_and_low_frequencies_below():
    figure = plot_pictures([("sound", [PICTURE])], upright=True, axes=("time", "mel band"))
    image = figure.axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), PICTURE.T)
    assert image.origin == "lower"
    assert figure.get_supxlabel() == "time"
    assert figure.get_supylabel() == "mel band"


def test_band_is_the_range_around_the_mean():
    ax = Figure().subplots()
    draw_band(ax, [0, 1], [[1.0, 2.0], [2.0, 4.0], [6.0, 3.0]], "red", "runs")
    (line,) = ax.lines
    assert line.get_label() == "runs"
    np.testing.assert_array_equal(line.get_xydata(), [[0, 3], [1, 3]])
    vertices = ax.collections[0].get_paths()[0].vertices
    assert {tuple(vertex) for vertex in vertices} == {(0, 1), (0, 6), (1, 2), (1, 4)}


def test_marks_are_vertical_lines():
    ax = Figure().subplots()
    draw_marks(ax, [3, 5])
    assert [line.get_xdata()[0] for line in ax.lines] == [3, 5]


def test_an_edge_is_a_bar_at_right_angles_to_its_gradient():
    maps = np.zeros((2, 4 * 3))  # 2 rows of 3 patches, 4 orientations side by side
    maps[1, 0 * 3 + 2] = 0.7  # grey rises with the columns: the edge is upright
    maps[0, 2 * 3 + 1] = 0.4  # it rises with the rows: the edge is level
    maps[0, 1 * 3 + 0] = 1.0  # with columns and rows: from bottom left to top right
    dots = edge_bars(maps, 4, side=5)
    assert dots.shape == (10, 15)
    expected = np.zeros((10, 15))
    expected[5:10, 11:14] = 0.7
    expected[1:4, 5:10] = 0.4
    near = np.abs(np.add.outer(np.arange(5), np.arange(5)) - 4) <= 1
    far = np.zeros((5, 5), dtype=bool)
    far[[0, 0, 4, 4], [0, 4, 0, 4]] = True  # corners lie outside of the patch's circle
    expected[:5, :5] = np.where(near & ~far, 1.0, 0.0)
    np.testing.assert_array_equal(dots, expected)


def test_where_edges_cross_the_strongest_is_seen():
    dots = edge_bars(np.array([[0.2, 0.9]]), 2, side=5)
    assert dots[2, 2] == 0.9
    assert dots[0, 2] == 0.2
    assert dots[2, 0] == 0.9


def test_edges_of_an_image_are_drawn_along_its_border():
    image = np.zeros((1, 12, 12))
    image[:, :, 6:] = 1.0
    image[:, 9:] = 0.0
    maps = edge_maps(image, EdgeParameters(orientations=4, grid=4, smoothing=0))[0]
    dots = edge_bars(maps, 4, side=9)
    assert np.all(dots[1:8, 17] == dots[1:8, 18])  # the border lies between the columns of patches 1 and 2
    assert dots[4, 13] == dots[4, 22] > 0
    assert dots[4, 4] == dots[31, 4] == 0  # nothing at the left


def test_a_picture_of_edges_counts_patches():
    picture = Picture((2, 6), "column (patch)", "row (patch)", orientations=2)
    pattern = np.arange(12.0)
    np.testing.assert_array_equal(picture.array(pattern), edge_bars(pattern.reshape(2, 6), 2))
    ax = Figure().subplots()
    picture.draw(ax, pattern)
    picture.label(ax)
    assert (ax.get_xticks().tolist(), ax.get_yticks().tolist()) == ([0, 2], [0, 1])
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 2.5), (1.5, -0.5))


def test_a_row_of_patterns_has_one_scale_from_0_and_says_what_it_shows():
    picture = Picture((1, 2))
    rows = [
        ("a", picture, [np.array([-1.0, 2.0]), np.array([5.0, np.nan])]),
        ("b", picture, [np.full(2, np.nan), np.zeros(2)]),
    ]
    figure = plot_patterns(rows, ["x", "y"], units=["rate (Hz)", "PSP"])
    panels, bars = figure.axes[:4], figure.axes[4:]
    assert [panel.images[0].get_clim() for panel in panels] == [(0, 5), (0, 5), (0, 1), (0, 1)]
    assert [bar.get_ylabel() for bar in bars] == ["rate (Hz)", "PSP"]
    assert len(plot_patterns(rows, ["x", "y"]).axes) == 4
