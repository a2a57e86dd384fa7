"""The figures of the lesion experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from matplotlib.figure import Figure

from spikingsampling.data import IMAGE_SHAPE
from spikingsampling.models.association.measures import Imagined, feedforward_weights, population_selectivity
from spikingsampling.models.association.network import VISUAL
from spikingsampling.models.association.task import AssociationTask
from spikingsampling.network.description import Network
from spikingsampling.plotting.recovery import plot_recovery
from spikingsampling.plotting.saving import SaveFigure
from spikingsampling.plotting.weights import plot_patterns, plot_receptive_fields
from spikingsampling.protocols.studies.lesion.experiment import LATERAL, Check, parameters_at

__all__ = ["recall_figure", "save_figures"]

LABELS = {"sampling": "T = 1", "map": "T = 0 (MAP)", "likelihood": "likelihood only", "cool": "T = 0.1"}


def recall_figure(
    curves: Mapping[str, Sequence[Sequence[float]]],
    seconds: Sequence[float],
    chance: float | None,
    measure: str = "recall accuracy on held-out stimuli",
    fractions: bool = True,
) -> Figure:
    """A measure in several conditions over learning time, (n_seeds, n_times) each, with both lesions marked."""
    second = next(later for earlier, later in pairwise(seconds) if later - earlier == 1 and later > 0)
    named = {LABELS.get(name, name): values for name, values in curves.items()}
    lesions = {"lesion 1": 0.0, "lesion 2": second}
    return plot_recovery(seconds, named, lesions=lesions, chance=chance, ylabel=measure, fractions=fractions)


def _curves(measure: Mapping[str, Sequence[float]]) -> dict[str, list[Sequence[float]]]:
    return {name: [values] for name, values in measure.items() if name != "seconds"}


def _reconstructions(
    task: AssociationTask, tests: Sequence[Check], images: Mapping[str, Sequence[Imagined]]
) -> Figure:
    """Mean image that the visual neurons stand for when they hear a digit: at the moments that matter."""
    rates, digits = task.rates(f"{VISUAL}_input", "train")
    columns = [(name, digit) for name in images for digit in task.digits]
    rows = [("mean training\nimage (truth)", [rates[digits == digit].mean(axis=0) for _, digit in columns])]
    for place, check in enumerate(tests):
        after = "before the lesions"
        if check.lesion:
            last = place + 1 == len(tests) or tests[place + 1].lesion != check.lesion
            if check.learnt and not last:
                continue
            when = f"{check.learnt / 60:.3g} min after" if check.learnt else "just after"
            after = f"{when}\nlesion {check.lesion}"
        means = [
            images[name][place].patterns[images[name][place].labels == digit].mean(axis=0)
            for name, digit in columns
        ]
        rows.append((after, means))
    pictures = [(name, [mean.reshape(IMAGE_SHAPE) for mean in means]) for name, means in rows]
    titles = [f"{LABELS[name]}\nhears “{digit}”" for name, digit in columns]
    return plot_patterns(pictures, titles, upright=[False] * len(rows))


def _fields(network: Network, check: Check, skip: float, title: str) -> Figure:
    weights = feedforward_weights(network, parameters_at(check, network), VISUAL)
    tuning = population_selectivity(check.responses["training"], VISUAL, skip)
    n_circuits = network.population(VISUAL).n_circuits
    return plot_receptive_fields(weights, n_circuits, IMAGE_SHAPE, tuning, title=title)


def save_figures(
    save: SaveFigure,
    task: AssociationTask,
    network: Network,
    tests: Mapping[str, Sequence[Check]],
    images: Mapping[str, Sequence[Imagined]],
    recall: Mapping[str, Sequence[float]],
    reconstruction: Mapping[str, Sequence[float]],
    skip: float,
) -> None:
    """Recall, reconstructions and lateral synapses over time; receptive fields before and after.

    Parameters
    ----------
    save : callable
        Takes a name, a figure and its caption.
    task : AssociationTask
    network : Network
    tests : mapping of str to sequence of Check
        Of each condition; the first is that before the lesions.
    images : mapping of str to sequence of Imagined
        At these tests.
    recall, reconstruction : mapping of str to sequence of float
        As :func:`~spikingsampling.protocols.studies.lesion.experiment.learning_curves`.
    skip : float
        Start of each presentation that is not counted (s).
    """
    chance = 1 / len(task.digits)
    seconds = recall["seconds"]
    lesions = (
        "Lesion 1 removes the visual neurons of one digit, lesion 2 all lateral synapses that exist then."
    )
    save(
        "recall",
        recall_figure(_curves(recall), seconds, chance),
        "Recall over learning time: accuracy of a linear readout of the visual neurons when only a held-out sound is "
        f"there. {lesions} Dotted: chance.",
    )
    save(
        "reconstruction",
        recall_figure(
            _curves(reconstruction), seconds, chance, "reconstructed image is closest to its digit"
        ),
        "How often the image reconstructed from the spikes and weights of the visual neurons, when only a sound is "
        f"there, is closer to the mean image of the right digit than to any other. {lesions} Dotted: chance.",
    )
    name, first = next(iter(tests.items()))
    save(
        "reconstructed_images",
        _reconstructions(task, first, images),
        "What the visual neurons stand for when they hear a digit (mean over held-out sounds), beside the truth: the "
        "mean training image. Each condition before the lesions, just after each, and at the end of the recovery.",
    )
    counts = {}
    for condition, mine in tests.items():
        weights = [parameters_at(check, network, "w") for check in mine]
        counts[condition] = [[sum(int((w[p] > 0).sum()) for p in LATERAL) for w in weights]]
    save(
        "lateral_synapses",
        recall_figure(counts, seconds, None, "active lateral synapses", fractions=False),
        "Lateral synapses between the modalities that exist (w > 0), over learning time since lesion 1. Lesion 2 "
        "removes all of them and forbids these to grow again; what is there later has grown where there was none.",
    )
    recovered = [check for check in first if check.lesion == 1][-1]
    save(
        "receptive_fields_before",
        _fields(network, first[0], skip, "before the lesions; above each: preferred digit and selectivity"),
        "Weights from the image onto each visual neuron before the lesions; one row per circuit, frames coloured by "
        "the digit that a neuron prefers.",
    )
    minutes = f"{recovered.learnt / 60:.3g} min after lesion 1, {LABELS[name]}"
    save(
        "receptive_fields_recovered",
        _fields(network, recovered, skip, minutes),
        f"The same {minutes}: neurons that have been removed do not fire and have no preferred digit.",
    )
