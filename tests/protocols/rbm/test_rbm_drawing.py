"""Figures of the experiments with restricted Boltzmann machines: what is drawn where, and its names."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.small.trainings import training
from spikingsampling.inference.priors import GaussianPrior, UniformPrior
from spikingsampling.protocols.studies.rbm.drawing import (
    plot_counts,
    plot_errors,
    plot_likelihood,
    plot_pixels,
    plot_weights,
)
from spikingsampling.protocols.studies.rbm.figures import MODES, lesion_figures, pixel_panels
from spikingsampling.protocols.studies.rbm.lesions import Lesioned

ONE = training([0.9, 0.3], [0.8, 0.5])
OTHER = training([0.7, 0.1], [0.6, 0.1])


def drawn(ax) -> list[list[float]]:
    return [np.round(line.get_ydata(), 9).tolist() for line in ax.lines]


def test_errors_in_columns():
    figure = plot_errors({"few": [ONE, OTHER], "many": [OTHER, OTHER]}, marks=[7], items="words")
    few_train, many_train, few_test, many_test = figure.axes
    assert [drawn(ax)[0] for ax in figure.axes] == [[0.8, 0.2], [0.7, 0.1], [0.7, 0.3], [0.6, 0.1]]
    assert few_train.lines[0].get_xdata().tolist() == [0, 10]
    assert few_train.lines[1].get_xdata() == [7, 7]
    assert (few_train.get_title(), many_train.get_title(), few_test.get_title()) == ("few", "many", "")
    assert (few_train.get_ylabel(), few_test.get_ylabel(), many_test.get_ylabel()) == (
        "training words",
        "held-out words",
        "",
    )
    assert figure.get_supxlabel() == "words shown"
    assert few_train.get_ylim()[0] == 0


def test_errors_in_rows():
    figure = plot_errors({"digit 1": [ONE], "digit 2": [OTHER]}, along="rows")
    assert [drawn(ax)[0] for ax in figure.axes] == [[0.9, 0.3], [0.8, 0.5], [0.7, 0.1], [0.6, 0.1]]
    assert [ax.get_ylabel() for ax in figure.axes] == ["digit 1", "", "digit 2", ""]
    assert [ax.get_title() for ax in figure.axes] == ["training images", "held-out images", "", ""]


def test_parameters_of_pixels():
    run = training(
        [0, 0],
        [0, 0],
        weights=[np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[7.0, 8, 9], [10, 11, 12]])],
        biases=[np.array([-1.0, -2.0]), np.array([-3.0, -4.0])],
    )
    weights, biases = pixel_panels(run, [(0, 0), (20, 10)])
    assert list(weights) == ["weights, pixel (0, 0)", "weights, pixel (20, 10)"]
    assert biases["bias, pixel (20, 10)"].tolist() == [-2.0, -4.0]
    picture = np.zeros((28, 28)), {"pixel (0, 0)": (0, 0), "pixel (20, 10)": (20, 10)}
    figure = plot_pixels(run.steps, weights, biases, marks=[5], picture=picture)
    upper, _, image, lower, _, legend = figure.axes
    assert drawn(upper)[:3] == [[1, 7], [2, 8], [3, 9]]
    assert drawn(lower)[0] == [-1, -3]
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("weight", "bias")
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in image.lines] == [(0, 0), (10, 20)]
    assert [text.get_text() for text in legend.get_legend().get_texts()] == ["pixel (0, 0)", "pixel (20, 10)"]


def test_counts_and_likelihoods_have_the_names_of_their_conditions():
    ax = plot_counts([0, 1], {"lesions": [[3, 5], [5, 9]], "no lesions": [[1, 1]]}, marks=[1]).axes[0]
    assert drawn(ax)[:2] == [[4, 7], [1, 1]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["lesions", "no lesions"]
    figure = plot_likelihood([0, 1], {"flat prior": ([[-9, -3], [-7, -1]], [[-9, -5], [-9, -7]])})
    assert [drawn(ax) for ax in figure.axes] == [[[-8, -2]], [[-9, -6]]]
    assert [ax.get_title() for ax in figure.axes] == ["training images", "held-out images"]


def test_histograms_of_weights_and_the_density_of_their_prior():
    weights = np.random.default_rng(0).normal(size=500)
    figure = plot_weights(
        {"flat": (weights, UniformPrior()), "one Gaussian": (weights, GaussianPrior(0.5, 2.0))}
    )
    flat, one = figure.axes
    assert not flat.lines
    x, density = one.lines[0].get_data()
    np.testing.assert_allclose(density, np.exp(-((x - 0.5) ** 2) / 8) / np.sqrt(8 * np.pi))
    assert sum(bar.get_width() * bar.get_height() for bar in one.patches) == pytest.approx(1)


def test_figures_of_lesions():
    steps = [0, 1, 1, 2]
    probes = {
        "weights": np.arange(8.0).reshape(4, 1, 2),
        "hidden_biases": np.zeros((4, 2)),
        "high_biases": np.array([9, 8, 7, 6]),
    }
    run = training([0.4] * 4, [0.5] * 4, steps, **probes)
    other = {name: values + 100 for name, values in probes.items()}
    control = training([0.2] * 4, [0.3] * 4, steps, **other)
    result = Lesioned(run, control, (1,), np.arange(6.0), {})
    figures = {
        name: (figure, caption)
        for name, figure, caption in lesion_figures({mode: [result] for mode in MODES}, UniformPrior())
    }
    assert set(figures) == {
        *("8a_errors", "9a_errors", "10a_errors"),
        *("8b_biases", "8c_parameters", "9b_parameters", "10b_weights", "10c_parameters"),
    }
    for name, mode in (("8a_errors", "sampling"), ("9a_errors", "likelihood"), ("10a_errors", "map")):
        figure, caption = figures[name]
        assert figure.axes[0].get_title() == f"{MODES[mode]}, lesions"
        assert [drawn(ax)[0][0] for ax in figure.axes] == [0.4, 0.2, 0.5, 0.3]
        assert MODES[mode] in caption
    assert drawn(figures["8c_parameters"][0].axes[0])[0] == [0, 2, 4, 6]
    assert drawn(figures["10c_parameters"][0].axes[0])[0] == [100, 102, 104, 106]  # without lesions
    assert drawn(figures["8b_biases"][0].axes[0])[:2] == [[9, 8, 7, 6], [109, 108, 107, 106]]
    assert [ax.get_title() for ax in figures["10b_weights"][0].axes] == [
        "sampling, no lesions",
        "MAP (no noise), no lesions",
    ]
