"""The measures of the lesion experiment as metrics of a run, also where two rules learn: sampling and pair STDP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.association import readout_accuracies
from spikingsampling.network.rules import Learning
from spikingsampling.protocols.studies.lesion.experiment import Unlesioned
from spikingsampling.protocols.studies.lesion.recall import LATERAL, RecallCourse

__all__ = ["RULES", "active_fraction", "condition_metrics", "recall_curves", "rule_metrics"]

#: Rule → mode of learning; STDP has neither prior nor noise.
RULES: dict[str, Learning] = {"sampling": "sampling", "stdp": "likelihood"}


def condition_metrics(name: str, course: RecallCourse, recovered: float) -> dict[str, Any]:
    """The measures of a condition, as ``<condition>.<measure>``; after lesion n with ``_n`` behind.

    Parameters
    ----------
    name : str
        Of the condition.
    course : RecallCourse
    recovered : float
        Fraction of the accuracy before a lesion that counts as recovered.

    Returns
    -------
    dict
        ``accuracy_before``, ``accuracy_before_lesion``, ``accuracy_after_lesion`` and ``recovered_accuracy`` of
        recall, with 95 % intervals over stimuli. ``recovery_time`` (s of learning): a lower bound where
        ``recovery_censored`` is 1, for then recall was not regained. ``new_synapses`` and ``new_lateral_synapses`` at
        the end of the recovery. ``reconstruction_before``, ``reconstruction_after_lesion`` and
        ``recovered_reconstruction``: how often the image reconstructed from a sound is closest to the right digit.
    """
    start, end = course.tests[0], course.tests[-1]
    metrics: dict[str, Any] = {
        "accuracy_before": start.accuracy,
        "reconstruction_before": start.reconstruction.judged.closer_to_right,
        "recovered_accuracy": end.accuracy,
    }
    for lesion in (1, 2):
        first, last = course.after(lesion)[0], course.after(lesion)[-1]
        recovery = course.recovery(lesion, recovered)
        new = course.new_synapses(lesion)
        metrics |= {
            f"accuracy_before_lesion_{lesion}": course.before(lesion).accuracy,
            f"accuracy_after_lesion_{lesion}": first.accuracy,
            f"recovered_accuracy_{lesion}": last.accuracy,
            f"recovery_time_{lesion}": recovery.time,
            f"recovery_censored_{lesion}": int(recovery.censored),
            f"new_synapses_{lesion}": sum(new.values()),
            f"new_lateral_synapses_{lesion}": sum(new[projection] for projection in LATERAL),
            f"reconstruction_after_lesion_{lesion}": first.reconstruction.judged.closer_to_right,
            f"recovered_reconstruction_{lesion}": last.reconstruction.judged.closer_to_right,
        }
    return {f"{name}.{measure}": value for measure, value in metrics.items()}


def recall_curves(courses: Mapping[str, RecallCourse]) -> dict[str, Any]:
    """``recall`` and ``reconstruction``: accuracies in each condition over ``seconds``, which come first.

    All conditions are tested at the same times. ``lesion_seconds`` are the times of the lesions on that axis.
    """
    first = next(iter(courses.values()))
    recall, reconstruction = ({"seconds": first.seconds} for _ in range(2))
    for name, course in courses.items():
        recall[name] = [test.accuracy.value for test in course.tests]
        reconstruction[name] = [test.reconstruction.judged.closer_to_right for test in course.tests]
    return {"recall": recall, "reconstruction": reconstruction, "lesion_seconds": first.lesion_seconds}


def active_fraction(theta: Mapping[str, NDArray[np.floating]]) -> float:
    """Fraction of the synapses of all projections that are active (θ > 0)."""
    return float(np.mean(np.concatenate([values > 0 for values in theta.values()])))


def rule_metrics(name: str, trained: Unlesioned, skip: float) -> dict[str, Any]:
    """The measures of a rule before the lesions, as ``<rule>.<measure>``.

    Accuracy of readouts, selectivity of both populations, how many neurons lesion 1 removes, and the fraction of active
    synapses. ``skip`` is the start of each presentation that is not counted (s).
    """
    metrics: dict[str, Any] = {**readout_accuracies(trained.responses, skip)}
    for population, tuning in trained.tuning.items():
        metrics[f"joint.{population}_selectivity"] = tuning.weighted_mean
    metrics["removed_neurons"] = len(trained.neurons)
    metrics["active_fraction"] = active_fraction(trained.recall.theta)
    return {f"{name}.{measure}": value for measure, value in metrics.items()}
