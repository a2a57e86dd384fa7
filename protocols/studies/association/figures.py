"""The figures of the association experiment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.models.association.measures import Imagined, population_selectivity
from spikingsampling.models.association.network import AUDITORY, MODALITIES, VISUAL
from spikingsampling.models.association.task import AssociationTask
from spikingsampling.network.description import Network
from spikingsampling.network.weights import membrane_weight
from spikingsampling.plotting.activity import plot_curves, plot_rasters
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.weights import plot_matrix, plot_patterns, plot_receptive_fields, plot_theta
from spikingsampling.simulation.response import Response

__all__ = ["save_figures"]


def save_figures(
    save: SaveFigure,
    task: AssociationTask,
    network: Network,
    theta: dict[str, NDArray[np.float64]],
    responses: dict[str, Response],
    imagined: dict[str, Imagined],
    curve: Sequence[tuple[float, dict[str, Any]]],
    *,
    n_channels: int,
    skip: float,
) -> None:
    """Draw and save all figures.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    theta : dict of (n_synapses,) arrays
        Parameters of each projection at the end.
    responses : dict of Response
        The last test, from :func:`~spikingsampling.models.association.task.run_test`.
    imagined : dict of Imagined
        ``audio_to_visual`` and ``visual_to_audio``.
    curve : sequence of (seconds, metrics)
        Training time and measures of each test.
    n_channels : int
        Channels of a cochleagram.
    skip : float
        Start of each presentation that is not counted (s).
    """
    tuning = {name: population_selectivity(responses["joint"], name, skip) for name in MODALITIES}
    titles = {"both": "joint", "sound alone": "auditory", "image alone": "visual"}
    save(
        "rasters",
        plot_rasters({title: responses[name] for title, name in titles.items()}, tuning),
        "Spikes of all neurons when both modalities, only the sound or only the image is there, learning off; neurons "
        "sorted and coloured by the digit that they prefer; the bar above tells the digit that is shown.",
    )
    save(
        "learning_curve",
        _learning_curve(curve, len(task.digits)),
        "Accuracy on held-out stimuli, learning off, over training time: a linear readout of the spikes, fitted to "
        "training stimuli of both modalities. Bars: 95 % intervals over stimuli. Dotted: chance.",
    )
    save(
        "selectivity_curve",
        _selectivity_curve(curve),
        "How far neurons prefer one digit (0: not at all, 1: they fire for one only), over training time.",
    )
    n_auditory = network.source(f"{AUDITORY}_input").size
    shapes = {VISUAL: IMAGE_SHAPE, AUDITORY: (n_auditory // n_channels, n_channels)}
    for name in MODALITIES:
        weights = _dense(network, theta, f"{name}_input_to_{name}")
        fields = plot_receptive_fields(
            weights,
            network.population(name).n_circuits,
            shapes[name],
            tuning[name],
            title=f"{name} receptive fields; above each: preferred digit and selectivity",
            upright=name == AUDITORY,
        )
        save(
            f"receptive_fields_{name}",
            fields,
            f"Weights e^(θ−θ0) from the inputs onto each {name} neuron; one row per circuit, frames coloured by the "
            "digit that a neuron prefers.",
        )
    save(
        "reconstructions_from_sound",
        _reconstructions(task, imagined["audio_to_visual"], shapes, AUDITORY, VISUAL),
        "Held-out sounds, the image that the visual neurons stand for when they hear them, and the truth.",
    )
    save(
        "reconstructions_from_image",
        _reconstructions(task, imagined["visual_to_audio"], shapes, VISUAL, AUDITORY),
        "Held-out images, the sound that the auditory neurons stand for when they see them, and the truth.",
    )
    save(
        "theta",
        plot_theta(_pathways(network, theta), network.parameters.prior),
        "The synaptic parameters θ at the end, beside their prior. A synapse exists where θ > 0.",
    )
    for pre, post in ((AUDITORY, VISUAL), (VISUAL, AUDITORY)):
        if f"{pre}_to_{post}" in theta:
            matrix = _dense(network, theta, f"{pre}_to_{post}")
            title = f"lateral synapses, {pre} to {post}"
            save(
                f"lateral_{pre}_to_{post}",
                plot_matrix(matrix, (pre, tuning[pre]), (post, tuning[post]), title=title),
                f"Weights from {pre} to {post} neurons, both sorted by the digit that they prefer.",
            )


def _dense(network: Network, theta: dict[str, NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    """Weights on the membrane as a matrix (n_pre, n_post), NaN where there is no potential synapse."""
    projection, p = network.projection(name), network.parameters
    sizes = {group.name: group.size for group in (*network.sources, *network.populations)}
    matrix = np.full((sizes[projection.pre], sizes[projection.post]), np.nan)
    weights = membrane_weight(theta[name], p.theta_0)
    matrix[projection.pre_index, projection.post_index] = weights
    return matrix


def _pathways(network: Network, theta: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """θ of the feed-forward synapses of each population, and of all lateral ones."""
    lateral = [theta[name] for name in network.lateral.slices]
    groups = {f"from {name} input": theta[f"{name}_input_to_{name}"] for name in MODALITIES}
    return {**groups, **({"lateral": np.concatenate(lateral)} if lateral else {})}


def _learning_curve(curve: Sequence[tuple[float, dict[str, Any]]], n_classes: int) -> Figure:
    names = {
        "sound alone → visual neurons": "audio_to_visual.accuracy",
        "image alone → auditory neurons": "visual_to_audio.accuracy",
        "both → visual neurons": "joint.visual_accuracy",
    }
    return plot_curves(
        [seconds for seconds, _ in curve],
        {title: [m[name].value for _, m in curve] for title, name in names.items()},
        ylabel="accuracy on held-out stimuli\n(95 % interval over stimuli)",
        chance=1 / n_classes,
        intervals={title: [m[name].interval for _, m in curve] for title, name in names.items()},
    )


def _selectivity_curve(curve: Sequence[tuple[float, dict[str, Any]]]) -> Figure:
    titles = {"joint": "both", "auditory": "sound alone", "visual": "image alone"}
    names = {
        f"{population}, {titles[s]}": f"{s}.{population}_selectivity"
        for population in MODALITIES
        for s in titles
    }
    return plot_curves(
        [seconds for seconds, _ in curve],
        {title: [m[name] for _, m in curve] for title, name in names.items()},
        ylabel="selectivity (mean weighted by rate)",
    )


def _reconstructions(
    task: AssociationTask, imagined: Imagined, shapes: dict[str, tuple[int, int]], shown: str, missing: str
) -> Figure:
    """A few held-out items of the shown modality, what the other population made of them, and the class means."""
    library = task.stimuli.libraries[f"{shown}_input"]
    rates, digits = task.rates(f"{missing}_input", "train")
    columns: list[int] = []
    per_digit = max(1, 8 // len(task.digits))
    for digit in task.digits:
        # One presentation of each of the first held-out items of this digit.
        mine = np.flatnonzero(imagined.labels == digit)
        _, first = np.unique(imagined.heard[mine], return_index=True)
        columns += mine[first[:per_digit]].tolist()

    def picture(pattern: NDArray[np.float64], modality: str) -> NDArray[np.float64]:
        return pattern.reshape(-1, *shapes[modality]).mean(axis=0) if pattern.size else pattern

    shown_row = [picture(library.rates[imagined.heard[k]].ravel(), shown) for k in columns]
    made = [picture(imagined.patterns[k], missing) for k in columns]
    mean = [picture(rates[digits == imagined.labels[k]].mean(axis=0), missing) for k in columns]
    names = {VISUAL: "image", AUDITORY: "sound"}
    return plot_patterns(
        [
            (f"held-out\n{names[shown]}\n(shown)", shown_row),
            (f"{names[missing]}\nreconstructed", made),
            (f"mean training\n{names[missing]}\n(truth)", mean),
        ],
        [f"“{imagined.labels[k]}”" for k in columns],
        upright=[shown == AUDITORY, missing == AUDITORY, missing == AUDITORY],
    )
