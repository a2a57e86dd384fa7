"""The figures of the lesion experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from matplotlib.figure import Figure

from spikingsampling.network import Network
from spikingsampling.plotting.recovery import plot_recovery
from spikingsampling.response import Response

from .association_task import AssociationTask
from .lesion_experiment import Check

__all__ = ["recall_figure", "save_figures"]

LABELS = {"sampling": "T = 1", "map": "T = 0 (MAP)", "likelihood": "likelihood only", "cool": "T = 0.1"}


def recall_figure(
    curves: Mapping[str, Sequence[Sequence[float]]], seconds: Sequence[float], chance: float
) -> Figure:
    """Recall of several conditions over learning time, (n_seeds, n_times) each, with both lesions marked."""
    second = next(later for earlier, later in pairwise(seconds) if later - earlier == 1 and later > 0)
    named = {LABELS.get(name, name): values for name, values in curves.items()}
    lesions = {"lesion 1": 0.0, "lesion 2": second}
    return plot_recovery(seconds, named, lesions=lesions, chance=chance)


def save_figures(
    save: Callable[[str, Figure], None],
    task: AssociationTask,
    network: Network,
    before: Check,
    joint: Response,
    checks: Mapping[str, Sequence[Check]],
    recall: Mapping[str, Sequence[float]],
    skip: float,
) -> None:
    """Recall over time, and what the network imagines at each test.

    Parameters
    ----------
    save : callable
        Takes a name and a figure.
    task : AssociationTask
    network : Network
    before : Check
        The test before the lesions.
    joint : Response
        Both modalities shown, before the lesions.
    checks : mapping of str to sequence of Check
        The tests of each condition.
    recall : mapping of str to sequence of float
        As :func:`~spikingsampling.models.lesion_experiment.recall_curves`.
    skip : float
        Start of each presentation that is not counted (s).
    """
    curves = {name: [values] for name, values in recall.items() if name != "seconds"}
    save("recall", recall_figure(curves, recall["seconds"], 1 / len(task.digits)))
