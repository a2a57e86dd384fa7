"""The metrics of the protocol ``spiking_memory`` that say what its two states are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from spikingsampling.analysis import estimate_mean, estimate_proportion
from spikingsampling.protocols.studies.dynamics.memory.spiking import Recorded

__all__ = ["metrics_of_states"]

_POSITIVE = (0.0, math.inf)


def metrics_of_states(runs: Sequence[Recorded], watched: float) -> dict[str, Any]:
    """Rates and shapes in both states, and how often each of them stays; activity without a cue is ``watched`` (s)."""
    metrics: dict[str, Any] = {
        "spiking_memory.spontaneous.excitatory_rate": estimate_mean([r.rest[0] for r in runs], _POSITIVE),
        "spiking_memory.spontaneous.inhibitory_rate": estimate_mean([r.rest[1] for r in runs], _POSITIVE),
        "spiking_memory.spontaneous.tuning": estimate_mean([r.rest_tuning for r in runs], (0.0, 1.0)),
        "spiking_memory.bump.excitatory_rate": estimate_mean(
            np.concatenate([r.held[:, 0] for r in runs]), _POSITIVE
        ),
        "spiking_memory.bump.inhibitory_rate": estimate_mean(
            np.concatenate([r.held[:, 1] for r in runs]), _POSITIVE
        ),
        "spiking_memory.bump.tuning": estimate_mean(np.concatenate([r.tuning for r in runs]), (0.0, 1.0)),
        "spiking_memory.bump.peak_rate": estimate_mean([r.bump.peak for r in runs], _POSITIVE),
        "spiking_memory.bump.base_rate": estimate_mean([r.bump.base for r in runs], _POSITIVE),
        "spiking_memory.bump.half_width_degrees": estimate_mean(
            np.degrees([r.bump.half_width for r in runs]), _POSITIVE
        ),
        "spiking_memory.cue_error_degrees": estimate_mean(
            np.degrees(np.concatenate([r.missed for r in runs]))
        ),
        "spiking_memory.distractor_pull_degrees": estimate_mean(
            np.degrees(np.concatenate([r.pulled for r in runs]))
        ),
    }
    metrics = {name: estimate.metric() for name, estimate in metrics.items()}
    quiet = np.array([not math.isfinite(r.bump_after) for r in runs])
    kept = np.concatenate([r.kept for r in runs])
    metrics["spiking_memory.spontaneous.bump_after"] = {
        "repetition": list(range(len(runs))),
        "seconds_or_longer": [min(r.bump_after, watched) for r in runs],
    }
    metrics["spiking_memory.spontaneous.stays"] = estimate_proportion(quiet.mean(), len(quiet)).metric()
    metrics["spiking_memory.bump.stays"] = estimate_proportion(kept.mean(), len(kept)).metric()
    return metrics
