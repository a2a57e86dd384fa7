"""The figures of the lesion experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from spikingsampling.models.association import VISUAL, AssociationTask, feedforward_weights
from spikingsampling.plotting.pictures import plot_patterns
from spikingsampling.plotting.recovery import plot_recovery
from spikingsampling.plotting.weights import plot_receptive_fields
from spikingsampling.protocols.studies.association.figures import image_picture
from spikingsampling.protocols.studies.lesion.experiment import LesionExperiment
from spikingsampling.protocols.studies.lesion.recall import RecallCourse, RecallMeasurement
from spikingsampling.protocols.studies.lesion.schedule import duration_text

__all__ = ["LABELS", "recall_figure", "save_figures"]

#: What the conditions are called in figures and tables.
LABELS = {
    "sampling": "T = 1",
    "map": "T = 0 (MAP)",
    "likelihood": "likelihood only",
    "cool": "T = 0.1",
}
_LESIONS = (
    "Lesion 1 removes the visual neurons of one digit, lesion 2 all lateral synapses that are active then."
)


def recall_figure(
    curves: Mapping[str, Sequence[Sequence[float]]],
    seconds: Sequence[float],
    lesion_seconds: Sequence[float],
    chance: float | None,
    measure: str = "recall accuracy on held-out stimuli",
    fractions: bool = True,
) -> Figure:
    """A measure in several conditions over learning time, (n_seeds, n_times) each, with both lesions marked."""
    labelled_curves = {LABELS.get(name, name): values for name, values in curves.items()}
    lesions = {f"lesion {number}": time for number, time in enumerate(lesion_seconds, start=1)}
    return plot_recovery(
        seconds,
        labelled_curves,
        lesions=lesions,
        chance=chance,
        ylabel=measure,
        fractions=fractions,
        xlabel="learning time since lesion 1",
    )


def _moment(test: RecallMeasurement) -> str:
    if not test.lesion:
        return "before the lesions"
    when = f"{duration_text(test.learnt)} after" if test.learnt else "just after"
    return f"{when}\nlesion {test.lesion}"


def _reconstructions(task: AssociationTask, courses: Mapping[str, RecallCourse]) -> Figure:
    """Mean image reconstructed when a digit is heard: before the lesions, just after each, and recovered."""
    rates, digits = task.rates(f"{VISUAL}_input", "train")
    columns = [(name, digit) for name in courses for digit in task.digits]
    truth = [rates[digits == digit].mean(axis=0) for _, digit in columns]
    image = image_picture(task)
    rows = [("mean training\nimage (truth)", image, truth)]
    first = next(iter(courses.values()))
    for place, test in enumerate(first.tests):
        if test.learnt == 0 or first.is_last(test):
            means = [courses[name].tests[place].reconstruction.class_mean(digit) for name, digit in columns]
            rows.append((_moment(test), image, means))
    return plot_patterns(
        rows, [f"{LABELS[name]}\nhears “{task.names.get(digit, digit)}”" for name, digit in columns]
    )


def _receptive_fields(experiment: LesionExperiment, test: RecallMeasurement, title: str) -> Figure:
    network, task = experiment.network, experiment.task
    weights = feedforward_weights(network, test.theta, VISUAL)
    n_circuits = network.population(VISUAL).n_circuits
    picture = image_picture(task)
    return plot_receptive_fields(weights, n_circuits, picture, test.tuning, title=title, names=task.names)


def save_figures(experiment: LesionExperiment, courses: Mapping[str, RecallCourse]) -> None:
    """Draw and save all figures of the protocol ``lesion``, with the course of each condition."""
    save, task = experiment.context.save_figure, experiment.task
    name, first = next(iter(courses.items()))
    times = (first.seconds, first.lesion_seconds)
    chance = 1 / len(task.digits)
    accuracies = {name: [[test.accuracy.value for test in c.tests]] for name, c in courses.items()}
    save(
        "recall",
        recall_figure(accuracies, *times, chance),
        "Recall over learning time: accuracy of a linear readout of the visual neurons when only a held-out sound is "
        f"shown. {_LESIONS} Conditions are set apart a little in time. Dotted: chance.",
    )
    closest = {
        name: [[test.reconstruction.judged.closer_to_right for test in c.tests]]
        for name, c in courses.items()
    }
    save(
        "reconstruction",
        recall_figure(closest, *times, chance, "reconstructed image is closest to its digit"),
        "How often the image reconstructed from the spikes and weights of the visual neurons, when only a sound is "
        f"shown, is closer to the mean image of the right digit than to any other. {_LESIONS} Dotted: chance.",
    )
    save(
        "reconstructed_images",
        _reconstructions(task, courses),
        "What the visual neurons reconstruct when they hear a digit (mean over held-out sounds), below the mean "
        "training image. Each condition before the lesions, just after each, and at the end of the recovery. Each row "
        "has its own colour scale.",
    )
    lateral = {name: [[test.active_lateral for test in c.tests]] for name, c in courses.items()}
    save(
        "lateral_synapses",
        recall_figure(lateral, *times, None, "active lateral synapses", fractions=False),
        "Active lateral synapses between the modalities (w > 0) over learning time. Lesion 2 removes all of them for "
        "good; those that are active later were retracted then.",
    )
    save(
        "receptive_fields_before",
        _receptive_fields(
            experiment,
            first.tests[0],
            "before the lesions; above each: preferred digit and selectivity",
        ),
        "Weights e^(θ−θ0) from the image onto each visual neuron before the lesions; one row per circuit, frames "
        "coloured by the digit that a neuron prefers.",
    )
    recovered = first.before(2)
    moment = f"{duration_text(recovered.learnt)} after lesion 1, {LABELS[name]}"
    save(
        "receptive_fields_recovered",
        _receptive_fields(experiment, recovered, moment),
        f"The same {moment}: removed neurons do not fire and have no preferred digit.",
    )
