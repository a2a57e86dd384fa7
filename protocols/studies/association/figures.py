"""The figures of the association experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.analysis import Estimate
from spikingsampling.models.association import (
    AUDITORY,
    MODALITIES,
    VISUAL,
    AssociationTask,
    ModalityReconstruction,
    recall_confusions,
)
from spikingsampling.network.description import Network
from spikingsampling.network.rules import membrane_weight
from spikingsampling.plotting.activity import plot_confusions, plot_curves, plot_rasters
from spikingsampling.plotting.encoding import plot_front_ends
from spikingsampling.plotting.pictures import Picture, plot_patterns
from spikingsampling.plotting.weights import plot_matrix, plot_receptive_fields, plot_theta
from spikingsampling.protocols.studies.association.configuration import load_grey_images
from spikingsampling.protocols.studies.association.pixels import (
    PixelEstimate,
    estimate_pixels,
    neuron_patterns,
)
from spikingsampling.protocols.studies.association.session import AssociationExperiment
from spikingsampling.protocols.studies.association.training import TrainedNetwork, TrainingTest

__all__ = ["dense_weights", "example_columns", "image_picture", "save_figures", "sound_picture"]

NOUNS = {VISUAL: "image", AUDITORY: "sound"}
#: What captions say of images as edges, and of pixels that are estimated from them.
EDGES = {
    VISUAL: " Images are edges: in each patch a bar along every edge, as bright as it is strong.",
    AUDITORY: " Sounds are spectral edges: below where the level rises from channel to channel, above where it falls.",
}
ESTIMATE = "The network sees edges only; pixels are estimated from them by ridge regression, fitted to training images."


def image_picture(task: AssociationTask) -> Picture:
    """How an image is drawn."""
    return Picture(task.image_shape, *task.image_axes, orientations=task.orientations)


def sound_picture(task: AssociationTask) -> Picture:
    """How a sound is drawn: frames from left to right, channels from low to high."""
    return Picture(task.sound_shape, *task.sound_axes, upright=True)


def save_figures(experiment: AssociationExperiment, trained: TrainedNetwork) -> None:
    """Draw and save all figures of the protocol ``association``."""
    save, network, theta = experiment.context.save_figure, experiment.network, trained.theta
    n_classes = len(experiment.task.digits)
    _save_front_ends(experiment)
    responses = trained.tests[-1].responses
    tuning = experiment.tuning(responses["joint"])
    titles = {"both": "joint", "sound alone": "auditory", "image alone": "visual"}
    save(
        "rasters",
        plot_rasters(
            {title: responses[name] for title, name in titles.items()}, tuning, names=experiment.task.names
        ),
        "Spikes of all neurons when both modalities, only the sound or only the image is shown, learning off. Neurons "
        "are sorted and coloured by the digit that they prefer; the bar above tells the digit that is shown.",
    )
    save(
        "learning_curve",
        _learning_curve(trained.tests, n_classes),
        "Accuracy on held-out stimuli, learning off, over training time: a linear readout of the spikes, fitted to "
        "training stimuli of both modalities. Bars: 95 % intervals over stimuli. Dotted: chance.",
    )
    save(
        "selectivity_curve",
        _selectivity_curve(trained.tests),
        "How far neurons prefer one digit (0: not at all, 1: they fire for one only), over training time.",
    )
    classes = sorted(experiment.task.digits)
    confusions = recall_confusions(responses, experiment.skip, classes)
    names = {
        "sound alone → visual neurons": "audio_to_visual",
        "image alone → auditory neurons": "visual_to_audio",
    }
    save(
        "confusions",
        plot_confusions(
            {title: confusions[name] for title, name in names.items()}, classes, names=experiment.task.names
        ),
        "What held-out sounds are taken for by the readout of the visual neurons, and held-out images by that of the "
        "auditory ones, learning off: fraction of the presentations of each row.",
    )
    pictures = {VISUAL: image_picture(experiment.task), AUDITORY: sound_picture(experiment.task)}
    stimulation = experiment.context.configuration.stimulation
    inputs = {VISUAL: stimulation.image_front_end, AUDITORY: stimulation.sound_inputs}
    coded = {name: EDGES[name] if inputs[name] == "edges" else "" for name in MODALITIES}
    estimate = estimate_pixels(experiment.context.configuration, experiment.task) if coded[VISUAL] else None
    for name in MODALITIES:
        weights = dense_weights(network, theta, f"{name}_input_to_{name}")
        title = f"{name} receptive fields; above each: preferred digit and selectivity"
        n_circuits = network.population(name).n_circuits
        save(
            f"receptive_fields_{name}",
            plot_receptive_fields(
                weights, n_circuits, pictures[name], tuning[name], title=title, names=experiment.task.names
            ),
            f"Weights from the inputs onto each {name} neuron; each circuit begins a row, frames are coloured by the "
            f"digit that a neuron prefers.{coded[name]}",
        )
    if estimate:
        save(
            "receptive_fields_visual_pixels",
            plot_receptive_fields(
                estimate.images(neuron_patterns(network, theta)).T,
                network.population(VISUAL).n_circuits,
                estimate.picture,
                tuning[VISUAL],
                title="visual neurons, in pixels; above each: preferred digit and selectivity",
                label="grey value (estimate)",
                names=experiment.task.names,
            ),
            f"The image that one spike of each visual neuron stands for. {ESTIMATE} Each circuit begins a row, frames "
            "are coloured by the digit that a neuron prefers.",
        )
    for direction, cue, silent in (
        ("audio_to_visual", AUDITORY, VISUAL),
        ("visual_to_audio", VISUAL, AUDITORY),
    ):
        save(
            f"reconstructions_from_{NOUNS[cue]}",
            _reconstructions(experiment, trained.reconstructions[direction], pictures, cue, silent, estimate),
            f"Held-out {NOUNS[cue]}s, the {NOUNS[silent]} that the {silent} neurons reconstruct when only these are "
            f"shown, and the mean training {NOUNS[silent]} of the digit. Each row has its own colour scale."
            f"{coded[VISUAL]}{coded[AUDITORY]}{f' In pixels: {ESTIMATE}' if estimate and silent == VISUAL else ''}",
        )
    save(
        "theta",
        plot_theta(_pathways(network, theta), network.parameters.prior),
        "The synaptic parameters θ at the end, beside their prior. A synapse is active where θ > 0.",
    )
    for pre, post in ((AUDITORY, VISUAL), (VISUAL, AUDITORY)):
        if f"{pre}_to_{post}" in theta:
            matrix = dense_weights(network, theta, f"{pre}_to_{post}")
            title = f"lateral synapses, {pre} to {post}"
            save(
                f"lateral_{pre}_to_{post}",
                plot_matrix(
                    matrix, (pre, tuning[pre]), (post, tuning[post]), title=title, names=experiment.task.names
                ),
                f"Weights from {pre} to {post} neurons, both sorted by the digit that they prefer.",
            )


def _save_front_ends(experiment: AssociationExperiment) -> None:
    c = experiment.context.configuration
    speech = c.speech("test")
    label = int(speech.labels[0])
    title = f"“{experiment.task.names.get(label, label)}”, {speech.speakers[0]} ({speech.name})"
    figure = plot_front_ends(
        speech.waveforms[0],
        speech.sample_rate,
        c.stimulation.cochleagram,
        c.stimulation.sound_frames,
        title,
    )
    caption = "A spoken digit: its waveform, and what each front end makes of it."
    experiment.context.save_figure("front_ends", figure, caption)


def dense_weights(
    network: Network, theta: Mapping[str, NDArray[np.floating]], name: str
) -> NDArray[np.float64]:
    """Weights of a projection on the membrane, (n_pre, n_post), NaN where there is no potential synapse."""
    projection = network.projection(name)
    sizes = {group.name: group.size for group in (*network.sources, *network.populations)}
    matrix = np.full((sizes[projection.pre], sizes[projection.post]), np.nan)
    weights = membrane_weight(theta[name].astype(float), network.parameters.theta_0)
    matrix[projection.pre_index, projection.post_index] = weights
    return matrix


def _pathways(network: Network, theta: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """θ of the feed-forward synapses of each population, and of all lateral ones."""
    lateral = [theta[name] for p in network.pathways if p.lateral for name in p.slices]
    groups = {f"from {name} input": theta[f"{name}_input_to_{name}"] for name in MODALITIES}
    return {**groups, **({"lateral": np.concatenate(lateral)} if lateral else {})}


def _learning_curve(tests: Sequence[TrainingTest], n_classes: int) -> Figure:
    names = {
        "sound alone → visual neurons": "audio_to_visual.accuracy",
        "image alone → auditory neurons": "visual_to_audio.accuracy",
        "both → visual neurons": "joint.visual_accuracy",
    }

    def interval(test: TrainingTest, name: str) -> tuple[float, float]:
        accuracy = test.metrics[name]
        assert isinstance(accuracy, Estimate)
        assert accuracy.interval is not None
        return accuracy.interval

    return plot_curves(
        [test.trained for test in tests],
        {title: [test.value(name) for test in tests] for title, name in names.items()},
        ylabel="accuracy on held-out stimuli\n(95 % interval over stimuli)",
        chance=1 / n_classes,
        intervals={title: [interval(test, name) for test in tests] for title, name in names.items()},
    )


def _selectivity_curve(tests: Sequence[TrainingTest]) -> Figure:
    titles = {"joint": "both", "auditory": "sound alone", "visual": "image alone"}
    names = {
        f"{population} neurons, {title} shown": f"{test}.{population}_selectivity"
        for population in MODALITIES
        for test, title in titles.items()
    }
    return plot_curves(
        [test.trained for test in tests],
        {title: [test.value(name) for test in tests] for title, name in names.items()},
        ylabel="selectivity (mean weighted by rate)",
    )


def example_columns(
    reconstruction: ModalityReconstruction, digits: Sequence[int], at_most: int = 8
) -> list[int]:
    """Presentations of the first held-out items of each digit: one of each item, as many of each digit."""
    columns: list[int] = []
    for digit in digits:
        presentations = np.flatnonzero(reconstruction.labels == digit)
        _, first = np.unique(reconstruction.cues[presentations], return_index=True)
        columns += presentations[first[: max(1, at_most // len(digits))]].tolist()
    return columns


def _reconstructions(
    experiment: AssociationExperiment,
    reconstruction: ModalityReconstruction,
    pictures: Mapping[str, Picture],
    cue: str,
    silent: str,
    estimate: PixelEstimate | None,
) -> Figure:
    """A few held-out items of the cue modality, what the other population reconstructs, and the class means.

    With an ``estimate`` images are edges, and stand in pixels, too.
    """
    task = experiment.task
    library = task.stimuli.libraries[f"{cue}_input"]
    rates, digits = task.rates(f"{silent}_input", "train")
    columns = example_columns(reconstruction, task.digits)
    labels, items = reconstruction.labels[columns], reconstruction.cues[columns]
    patterns = reconstruction.patterns[columns]

    def class_means(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        return [values[digits == label].mean(axis=0) for label in labels]

    cues = [library.rates[item].ravel() for item in items]
    edges = "\nas edges" if estimate else ""
    shown, learnt = (edges if modality == VISUAL else "" for modality in (cue, silent))
    rows = [
        (f"held-out\n{NOUNS[cue]}{shown}\n(shown)", pictures[cue], cues, "rate (Hz)"),
        (f"{NOUNS[silent]}\nreconstructed{learnt}", pictures[silent], patterns, "mean PSP"),
        (
            f"mean training\n{NOUNS[silent]}{learnt}\n(truth)",
            pictures[silent],
            class_means(rates),
            "rate (Hz)",
        ),
    ]
    if estimate and cue == VISUAL:
        grey = load_grey_images(experiment.context.configuration, items).reshape(len(items), -1)
        rows.insert(0, ("held-out\nimage\nin pixels", estimate.picture, grey, "grey value"))
    if estimate and silent == VISUAL:
        means = class_means(estimate.training.reshape(len(rates), -1))
        guesses = estimate.images(patterns)
        rows[1:1] = [
            ("image\nreconstructed\nin pixels\n(estimate)", estimate.picture, guesses, "grey value"),
            ("mean training\nimage\nin pixels\n(truth)", estimate.picture, means, "grey value"),
        ]
    return plot_patterns(
        [row[:3] for row in rows],
        [f"“{task.names.get(int(label), label)}”" for label in labels],
        units=[row[3] for row in rows],
        fontsize=12,
    )
