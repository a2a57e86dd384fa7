"""What the protocol ``pruning`` has measured, repetition by repetition, and the metrics of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from spikingsampling.analysis import estimate_mean
from spikingsampling.experiment.repetitions import mean_curve
from spikingsampling.protocols.studies.layered.pruning_configuration import PruningConfiguration
from spikingsampling.protocols.studies.layered.rewiring import Rewired

__all__ = ["PruningResults"]

_PART = (0.0, 1.0)
K = TypeVar("K")
V = TypeVar("V")


@dataclass
class PruningResults:
    """Results by the name of a measure; each list has one entry per repetition.

    Attributes
    ----------
    dense : list of float
        Held-out accuracy of the networks with all connections.
    pruned : dict of (str, str) to list of (n_kept,) arrays
        Held-out accuracy by stage (``one_shot``, ``retrained``, ``iterative``) and criterion.
    layers : dict of str to list of lists
        What each layer keeps at the end of iterative pruning, by criterion.
    units : dict of str to list of (n_removed,) arrays
        Held-out accuracy without units, by criterion.
    ranks : dict of str to list of float
        Spearman's ρ of a criterion of units with the oracle.
    losses : dict of str to list of (predicted, actual)
        Rise of the loss, by criterion, (n_kept,) each.
    rewired : dict of str to list of Rewired
        ``deep_r``, ``deep_r_xF`` for F times its connections, ``without_rewiring``, ``soft_deep_r``.
    """

    dense: list[float] = field(default_factory=list)
    pruned: dict[tuple[str, str], list[NDArray[np.float64]]] = field(default_factory=dict)
    layers: dict[str, list[list[float]]] = field(default_factory=dict)
    units: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)
    ranks: dict[str, list[float]] = field(default_factory=dict)
    losses: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = field(default_factory=dict)
    rewired: dict[str, list[Rewired]] = field(default_factory=dict)

    @staticmethod
    def add(into: dict[K, list[V]], values: Mapping[K, V]) -> None:
        """One more repetition of these measures."""
        for name, value in values.items():
            into.setdefault(name, []).append(value)

    def metrics(self, c: PruningConfiguration) -> dict[str, Any]:
        """Means over repetitions with their intervals, and curves."""
        found: dict[str, Any] = {}
        if self.dense:
            found["pruning.dense.accuracy"] = estimate_mean(self.dense, _PART)
        for (stage, criterion), runs in self.pruned.items():
            name, kept = f"pruning.{stage}_{criterion}", getattr(c, stage)
            for fraction, accuracies in zip(kept, np.transpose(runs), strict=True):
                found[f"{name}.accuracy_at_{100 * fraction:g}_percent"] = estimate_mean(accuracies, _PART)
            found[f"{name}.curve"] = mean_curve("kept", kept, accuracy=runs)
        if "iterative" in c.parts:
            found |= self._advantage(c.iterative)
        for criterion, runs in self.layers.items():
            for layer, parts in enumerate(np.transpose(runs), 1):
                found[f"pruning.iterative_{criterion}.kept_in_layer_{layer}"] = estimate_mean(parts, _PART)
        found |= self._rewiring()
        for criterion, runs in self.units.items():
            for part, accuracies in zip(c.removed, np.transpose(runs), strict=True):
                name = f"pruning.units_{criterion}.accuracy_without_{100 * part:.0f}_percent"
                found[name] = estimate_mean(accuracies, _PART)
            found[f"pruning.units_{criterion}.curve"] = mean_curve("removed", c.removed, accuracy=runs)
        for criterion, ranks in self.ranks.items():
            found[f"pruning.units_{criterion}.rank_correlation_with_oracle"] = estimate_mean(
                ranks, (-1.0, 1.0)
            )
        for criterion, runs in self.losses.items():
            predicted, actual = np.array(runs).swapaxes(0, 1)
            for name, rises in (("predicted", predicted), ("actual", actual)):
                for fraction, values in zip(c.one_shot, rises.T, strict=True):
                    key = f"pruning.loss_{criterion}.{name}_at_{100 * fraction:g}_percent"
                    found[key] = estimate_mean(values)
            found[f"pruning.loss_{criterion}"] = mean_curve(
                "kept", c.one_shot, predicted=predicted, actual=actual
            )
        return found

    def _advantage(self, kept: Sequence[float]) -> dict[str, Any]:
        """Paired differences of iterative Optimal Brain Damage and magnitude."""
        difference = np.subtract(self.pruned["iterative", "obd"], self.pruned["iterative", "magnitude"])
        return {
            f"pruning.obd_minus_magnitude.accuracy_at_{100 * fraction:g}_percent": estimate_mean(
                each, (-1.0, 1.0)
            )
            for fraction, each in zip(kept, difference.T, strict=True)
        }

    def _rewiring(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, runs in self.rewired.items():
            found[f"pruning.{name}.accuracy"] = estimate_mean([run.accuracy[-1] for run in runs], _PART)
            found[f"pruning.{name}.connections"] = estimate_mean([run.connections[-1] for run in runs])
            epochs = np.arange(1, len(runs[0].accuracy) + 1)
            series = {key: [getattr(run, key) for run in runs] for key in ("accuracy", "connections", "came")}
            found[f"pruning.{name}.curve"] = mean_curve("epoch", epochs, **series)
        if {"deep_r", "without_rewiring"} <= set(self.rewired):
            pairs = zip(self.rewired["deep_r"], self.rewired["without_rewiring"], strict=True)
            gain = [one.accuracy[-1] - other.accuracy[-1] for one, other in pairs]
            found["pruning.deep_r_minus_without_rewiring.accuracy"] = estimate_mean(gain, (-1.0, 1.0))
        return found
