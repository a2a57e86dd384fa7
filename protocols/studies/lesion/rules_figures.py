"""The figures that compare pair STDP with synaptic sampling in the association network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.models.association import VISUAL
from spikingsampling.network.description import Network
from spikingsampling.network.rules import membrane_weight
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.weights import plot_receptive_fields
from spikingsampling.protocols.studies.association.figures import dense_weights, image_picture
from spikingsampling.protocols.studies.lesion.experiment import LesionExperiment, Unlesioned
from spikingsampling.protocols.studies.lesion.figures import recall_figure
from spikingsampling.protocols.studies.lesion.recall import RecallCourse

__all__ = ["save_figures"]

TITLES = {"sampling": "synaptic sampling", "stdp": "pair STDP"}


def save_figures(
    experiment: LesionExperiment,
    networks: Mapping[str, Network],
    trained: Mapping[str, Unlesioned],
    courses: Mapping[str, RecallCourse],
) -> None:
    """Recall over time, weights, and receptive fields of the visual neurons, each rule beside the other.

    ``networks``, ``trained`` and ``courses`` are by rule.
    """
    save = experiment.context.save_figure
    first = next(iter(courses.values()))
    accuracies = {TITLES[name]: [[test.accuracy.value for test in c.tests]] for name, c in courses.items()}
    save(
        "recall",
        recall_figure(accuracies, first.seconds, first.lesion_seconds, 1 / len(experiment.task.digits)),
        "Recall over learning time with each rule: accuracy of a linear readout of the visual neurons when only a "
        "held-out sound is shown. Dotted: chance.",
    )
    weights = {
        name: {
            projection: membrane_weight(theta.astype(float), networks[name].parameters.theta_0)
            for projection, theta in trained[name].recall.theta.items()
        }
        for name in networks
    }
    save(
        "weights",
        _weights_figure(weights),
        "Weights after training, with each rule, and how many synapses are active.",
    )
    for name, network in networks.items():
        weights_in = dense_weights(network, trained[name].recall.theta, f"{VISUAL}_input_to_{VISUAL}")
        title = f"{TITLES[name]}: visual receptive fields; above each: preferred digit and selectivity"
        n_circuits = network.population(VISUAL).n_circuits
        save(
            f"receptive_fields_{name}",
            plot_receptive_fields(
                weights_in,
                n_circuits,
                image_picture(experiment.task),
                trained[name].tuning[VISUAL],
                title=title,
                names=experiment.task.names,
            ),
            f"{TITLES[name]}: weights from the image onto each visual neuron, one row per circuit, frames coloured by "
            "the digit that a neuron prefers.",
        )


def _weights_figure(weights: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> Figure:
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, len(weights), squeeze=False)[0]
    for ax, (rule, projections) in zip(axes, weights.items(), strict=True):
        top = max(float(values.max()) for values in projections.values())
        for number, (name, values) in enumerate(projections.items()):
            label = f"{name.replace('_', ' ')} ({np.mean(values > 0):.0%} active)"
            ax.hist(
                values,
                50,
                range=(0, top),
                density=True,
                histtype="step",
                color=class_colour(number),
                lw=1.4,
                label=label,
            )
        ax.set_yscale("log")
        ax.set(title=TITLES[rule], xlabel="weight w (dimensionless)")
        ax.legend(frameon=False, fontsize=7)
        tidy(ax)
    axes[0].set_ylabel("probability density")
    return figure
