"""Two rules of learning in the association network: synaptic sampling and pair STDP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spikingsampling.models.association import readout_accuracies
from spikingsampling.network.rules import Learning
from spikingsampling.protocols.studies.lesion.experiment import Unlesioned

__all__ = ["RULES", "active_fraction", "rule_metrics"]

#: Rule → mode of learning; STDP has neither prior nor noise.
RULES: dict[str, Learning] = {"sampling": "sampling", "stdp": "likelihood"}


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
