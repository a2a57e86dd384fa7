"""Pictures of patterns in rows; bands and marks."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from spikingsampling.plotting.pictures import plot_pictures
from spikingsampling.plotting.style import draw_band, draw_marks

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
