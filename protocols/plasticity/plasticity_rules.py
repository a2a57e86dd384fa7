"""Rules of plasticity: what lectures and data say beside what the rules do.

Spiking rules: the window of 60 pairs at 1 Hz, 60 pairs 10 ms apart at 0.1 to 50 Hz, and 900 presynaptic pulses at 1 to
100 Hz. There the postsynaptic neuron fires independently at the same rate; both trains are Poisson processes. Weights
begin at 1 and have no bounds, so large changes mean saturation. Rate-based rules: the same pulses with BCM, principal
components of the points of lecture 003 ("Réseaux et apprentissage"), and BCM with six overlapping patterns.

What to expect (every number, with its interval: ``docs/results/plasticity.md``):

- The window has the time constants that are put in, 16.8 and 33.7 ms.
- The triplet rule for visual cortex in which all spikes pair follows the data of Sjöström et al. 2001; the pair rule
  does not. At 50 Hz the order of the spikes does not matter to the triplet rule.
- The triplet rules for visual cortex turn from depression to potentiation at 19 Hz (all spikes) and 11 Hz (nearest).
- BCM has the same curve as the triplet rule in which all spikes pair; its threshold is put in.
- Oja's rule ends on the first principal component with a length of 1, Sanger's on both; under Hebb's rule the length
  grows to 30.
- BCM with a sliding threshold keeps one of six patterns (selectivity 5/6); with a fixed one responses run away.
- ``quick`` (seed 0) takes half a minute of one core. No engine is used; a resumed run begins anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikingsampling.cli import run_script
from spikingsampling.experiment.configuration import ProtocolConfiguration
from spikingsampling.experiment.protocol import Protocol
from spikingsampling.experiment.run import Run
from spikingsampling.protocols.studies.plasticity.rate_experiments import run_rate
from spikingsampling.protocols.studies.plasticity.settings import RateExperiments, SpikingExperiments
from spikingsampling.protocols.studies.plasticity.spiking_experiments import run_spiking

__all__ = ["PROTOCOL", "Configuration"]


class Configuration(ProtocolConfiguration):
    """Settings of the experiments on rules of plasticity."""

    spiking: SpikingExperiments = SpikingExperiments()
    rate: RateExperiments = RateExperiments()


def run(context: Run[Configuration]) -> dict[str, Any]:
    """Stimulate synapses and measure how they change."""
    settings, save = context.configuration, context.save_figure
    trains = np.random.default_rng(context.stream("spike trains"))
    inputs = np.random.default_rng(context.stream("inputs of rate-based rules"))
    return run_spiking(settings.spiking, trains, save) | run_rate(settings.rate, inputs, save)


PROTOCOL = Protocol(
    configuration=Configuration,
    presets={
        "smoke": {
            "spiking": {"repetitions": 3, "n_pulses": 100},
            "rate": {
                **{"repetitions": 2, "n_pulses": 100, "passes": 4},
                **{"presentations": 4000, "bcm_learning_rate": 0.01, "tau_theta": 20},
            },
        },
        "quick": {},
        "paper": {"spiking": {"repetitions": 400}, "rate": {"repetitions": 100}},
    },
    run=run,
)

if __name__ == "__main__":
    run_script(PROTOCOL)
