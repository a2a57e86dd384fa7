"""The figures of a protocol with their file names and captions, from what it measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.figure import Figure

from spikingsampling.inference.priors import Prior
from spikingsampling.protocols.studies.rbm.drawing import plot_counts, plot_errors, plot_pixels, plot_weights
from spikingsampling.protocols.studies.rbm.lesions import Lesioned
from spikingsampling.protocols.studies.rbm.training import Trajectory

__all__ = ["ERRORS", "MODES", "PIXEL", "lesion_figures", "pixel_panels"]

ERRORS = "Reconstruction error on training and held-out images over the images shown: mean and range over the runs."
#: Modes of learning, in words.
MODES = {"sampling": "sampling", "map": "MAP (no noise)", "likelihood": "likelihood only"}
#: Row and column of the pixel whose parameters figures 8c, 9b and 10c of the report show.
PIXEL = (20, 10)


def pixel_panels(
    trajectory: Trajectory, pixels: Sequence[tuple[int, int]]
) -> tuple[dict[str, object], dict[str, object]]:
    """Weights and biases of pixels by title, as :func:`plot_pixels` takes them."""
    weights, biases = trajectory.probe("weights"), trajectory.probe("biases")
    return (
        {f"weights, pixel {pixel}": weights[:, i] for i, pixel in enumerate(pixels)},
        {f"bias, pixel {pixel}": biases[:, i] for i, pixel in enumerate(pixels)},
    )


def lesion_figures(
    results: Mapping[str, Sequence[Lesioned]], prior: Prior
) -> Iterator[tuple[str, Figure, str]]:
    """Figures 8 to 10 of the report from repetitions of every mode: name, figure and caption of each."""
    marks = results["sampling"][0].at
    for mode, errors, parameters in (
        ("sampling", "8a", "8c"),
        ("likelihood", "9a", "9b"),
        ("map", "10a", "10c"),
    ):
        runs, name = results[mode], MODES[mode]
        curves = {
            f"{name}, lesions": [run.trajectory for run in runs],
            f"{name}, no lesions": [run.control for run in runs],
        }
        yield (
            f"{errors}_errors",
            plot_errors(curves, marks=marks),
            f"Errors with {name}, with and without lesions. Dotted lines: lesions, parameters drawn anew.",
        )
        # Figure 10 of the report is a training without lesions.
        trajectory = runs[0].control if mode == "map" else runs[0].trajectory
        figure = plot_pixels(
            trajectory.steps,
            {f"weights, pixel {PIXEL}": trajectory.probe("weights")[:, 0]},
            {"biases of the hidden units": trajectory.probe("hidden_biases")},
            marks=() if mode == "map" else marks,
        )
        yield (
            f"{parameters}_parameters",
            figure,
            f"Weights of a pixel and hidden biases with {name} over the images shown, a line per hidden unit.",
        )
    sampled = results["sampling"]
    counts = {
        "lesions": [run.trajectory.probe("high_biases") for run in sampled],
        "no lesions": [run.control.probe("high_biases") for run in sampled],
    }
    yield (
        "8b_biases",
        plot_counts(sampled[0].trajectory.steps, counts, marks=marks),
        "Visible biases above −1 over the images shown, with and without lesions: mean and range over the runs.",
    )
    weights = {
        f"{MODES[mode]}, no lesions": (results[mode][0].control_weights, prior) for mode in list(MODES)[:2]
    }
    yield (
        "10b_weights",
        plot_weights(weights),
        "Weights at the end of trainings without lesions, and the prior.",
    )
