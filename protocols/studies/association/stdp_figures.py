"""What the comparison of STDP with synaptic sampling in the association network shows: figures and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.models.association.measures import population_selectivity
from spikingsampling.models.association.network import VISUAL
from spikingsampling.models.association.task import AssociationTask
from spikingsampling.network.description import Network
from spikingsampling.network.rules import Learning
from spikingsampling.network.weights import membrane_weight
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.style import class_colour, tidy
from spikingsampling.plotting.weights import plot_receptive_fields
from spikingsampling.protocols.studies.lesion.figures import recall_figure
from spikingsampling.simulation.response import Response

__all__ = ["RULES", "active_fraction", "save_figures"]

#: Rule → mode of learning; STDP has neither prior nor noise.
RULES: dict[str, Learning] = {"sampling": "sampling", "stdp": "likelihood"}
TITLES = {"sampling": "synaptic sampling", "stdp": "pair STDP"}

Theta = Mapping[str, NDArray[np.floating]]


def active_fraction(theta: Theta) -> float:
    """Fraction of the synapses of all projections that exist (θ > 0)."""
    return float(np.mean(np.concatenate([values > 0 for values in theta.values()])))


def save_figures(
    save: SaveFigure,
    task: AssociationTask,
    networks: Mapping[str, Network],
    theta: Mapping[str, Theta],
    joint: Mapping[str, Response],
    recall: Mapping[str, Sequence[float]],
    skip: float,
) -> None:
    """Recall over time, weights, and receptive fields of the visual neurons, each rule beside the other.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    networks, theta, joint : mappings
        By rule: network, its θ by projection after training, response to both modalities.
    recall : mapping
        Accuracy by rule over ``seconds`` since lesion 1.
    skip : float
        Start of each presentation that is not counted (s).
    """
    curves = {TITLES[name]: [recall[name]] for name in networks}
    save(
        "recall",
        recall_figure(curves, recall["seconds"], 1 / len(task.digits)),
        "Recall over learning time after both lesions, with each rule. Dotted: chance.",
    )
    weights = {
        name: {p: membrane_weights(network, theta[name][p]) for p in theta[name]}
        for name, network in networks.items()
    }
    save("weights", _weights_figure(weights), "Weights after training, with each rule.")
    for name, network in networks.items():
        projection = network.projection(f"{VISUAL}_input_to_{VISUAL}")
        fields = np.full((network.source(projection.pre).size, network.population(VISUAL).size), np.nan)
        fields[projection.pre_index, projection.post_index] = weights[name][projection.name]
        tuning = population_selectivity(joint[name], VISUAL, skip)
        title = f"{TITLES[name]}: visual receptive fields; above each: preferred digit and selectivity"
        n_circuits = network.population(VISUAL).n_circuits
        save(
            f"receptive_fields_{name}",
            plot_receptive_fields(fields, n_circuits, IMAGE_SHAPE, tuning, title=title),
            f"{TITLES[name]}: weights from the image onto each visual neuron, one row per circuit.",
        )


def membrane_weights(network: Network, theta: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weights on the membrane, 0 where no synapse exists."""
    return membrane_weight(theta.astype(float), network.parameters.theta_0)


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
        ax.set(title=TITLES[rule], xlabel="weight on the membrane")
        ax.legend(frameon=False, fontsize=7)
        tidy(ax)
    axes[0].set_ylabel("density")
    return figure
